// nats-server of a site: it keeps what the site's collector publishes until the hub has it (send-to-hub.ts). In: the site's file.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Broker,
  ensureSiteStreams,
  leafConfig,
  makeKeys,
  readPublicKey,
  roleKey,
  siteRoleKeys,
  siteStoreBytes,
} from '@netbehave/broker'
import type { SiteFile } from '../sites/site-file.ts'
import type { BrokerPlan } from './broker.ts'

const MIB = 1024 * 1024

/** Where a site's streams are, apart from those of a hub that ran on the same folder. */
export const siteStore = (dir: string): string => join(dir, 'site-jetstream')

/** `dir`: `<data>/nats`. */
export function sitePlan(dir: string, { site, hub, keepMiB, key, ca }: SiteFile): BrokerPlan {
  const keys = join(dir, 'keys')
  const caFile = join(dir, 'hub-ca.pem')
  const keepBytes = keepMiB * MIB
  return {
    keeper: 'flow-admin',
    async prepare() {
      makeKeys(keys, siteRoleKeys(site))
      writeAnew(join(keys, `${roleKey('leaf', site)}.seed`), key)
      writeAnew(caFile, ca)
    },
    config: (listen) =>
      leafConfig({
        site,
        hub,
        ca: caFile,
        seed: key,
        publicKeyOf: (name) => readPublicKey(keys, name),
        listen,
        dir,
        jetstream: { storeDir: siteStore(dir), maxFileBytes: siteStoreBytes(keepBytes) },
      }),
    makeStreams: async (keeper: Broker) => ensureSiteStreams(await keeper.connected, site, keepBytes),
  }
}

/** The hub may have given the site another key, or has another certificate. */
function writeAnew(path: string, text: string): void {
  rmSync(path, { force: true })
  writeFileSync(path, text, { mode: 0o600 })
}
