// nats-server of the hub: every app's keys, the hub's streams and, where sites were added, a port for their servers.
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { type Broker, ensureStreams, hubConfig, makeKeys, readPublicKey, roleKey, roleKeys } from '@netbehave/broker'
import type { StreamName } from '@netbehave/schema'
import type { Log } from '@netbehave/service'
import { type HubSites, readHubSites, watchHubSites } from '../sites/hub-sites.ts'
import type { BrokerPlan } from './broker.ts'

export interface HubPlanOptions {
  /** `<data>/nats`. */
  readonly dir: string
  /** That of the hub's own collector. */
  readonly site: string
  readonly streamBytes: Readonly<Record<StreamName, number>>
  readonly log: Log
  readonly now: () => number
}

const MIB = 1024 * 1024

export function hubPlan({ dir, site, streamBytes, log, now }: HubPlanOptions): BrokerPlan {
  const keys = join(dir, 'keys')
  const tls = join(dir, 'tls')
  let others = readSites(dir)
  const sites = () => (others?.sites ?? []).map(({ name, keepMiB }) => ({ name, keepBytes: keepMiB * MIB }))
  const leafSites = () => sites().map(({ name }) => name)
  return {
    keeper: 'flow-admin',
    async prepare() {
      others = readSites(dir)
      makeKeys(keys, [...roleKeys([site]), ...leafSites().map((name) => roleKey('leaf', name))])
      if (!others) return
      // X.509 is loaded only where there are sites.
      const { makeMissingCertificates } = await import('../broker/hub-folder.ts')
      await makeMissingCertificates(tls, others.hosts, now())
    },
    config: (listen) =>
      hubConfig({
        sites: [site],
        leafSites: leafSites(),
        publicKeyOf: (key) => readPublicKey(keys, key),
        listen,
        ...(others && {
          leafListen: others.leafListen,
          advertise: others.advertise,
          leafTls: { cert: join(tls, 'hub.pem'), key: join(tls, 'hub.key') },
        }),
        dir,
        jetstream: {
          storeDir: join(dir, 'jetstream'),
          maxFileBytes: Object.values(streamBytes).reduce((sum, bytes) => sum + bytes, 0),
        },
      }),
    watch: (onChange) => watchHubSites(dir, () => isDeepStrictEqual(others, readSites(dir)) || onChange(), log),
    async makeStreams(keeper: Broker) {
      await ensureStreams(await keeper.connected, { maxBytes: streamBytes, sites: sites() })
    },
  }
}

/** Undefined also when the last one was removed again: then nobody is listened for. */
function readSites(dir: string): HubSites | undefined {
  const content = readHubSites(dir)
  return content && content.sites.length > 0 ? content : undefined
}
