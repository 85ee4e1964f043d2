// A site for the hub that `netbehave up` runs on a data folder: `nats/sites.json`, its key, the hub's certificate.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { makeKeys, roleKey } from '@netbehave/broker'
import { CommandError, EXIT } from '../exit-codes.ts'
import type { AddedSite, NewSite } from './add-site.ts'
import { type HubSites, readHubSites, writeHubSites } from './hub-sites.ts'

export const TAKEN_BY_ITSELF =
  'nothing: "netbehave up" sees it within seconds and starts its nats-server again, which loses no flow'

/** `own`: the site of the hub's own collector. */
export async function addToData(
  natsDir: string,
  own: string,
  { name, hub, host, leafListen, keepMiB }: NewSite,
  isRunning: boolean,
  nowMs: number,
): Promise<AddedSite> {
  if (name === own)
    throw new CommandError(
      `the hub's own collector is the site ${name}: choose another name, or name the hub's own with --site in "netbehave up"`,
      EXIT.usage,
    )
  const before = readHubSites(natsDir)
  const others = (before?.sites ?? []).filter((site) => site.name !== name)
  const sites: HubSites = {
    leafListen: before?.leafListen ?? leafListen,
    advertise: before?.advertise ?? hub,
    hosts: [...new Set([...(before?.hosts ?? []), host])],
    sites: [...others, { name, keepMiB }].sort((a, b) => a.name.localeCompare(b.name)),
  }
  mkdirSync(natsDir, { recursive: true })
  const { makeMissingCertificates } = await import('../broker/hub-folder.ts')
  const certificates = await makeMissingCertificates(join(natsDir, 'tls'), sites.hosts, nowMs)
  const keys = join(natsDir, 'keys')
  const made = makeKeys(keys, [roleKey('leaf', name)])
  writeHubSites(natsDir, sites)
  return {
    seedFile: join(keys, `${roleKey('leaf', name)}.seed`),
    caFile: join(natsDir, 'tls', 'ca.pem'),
    done: [...certificates, ...made.map((key) => `made ${join(keys, key)}.seed`)],
    steps: [isRunning ? TAKEN_BY_ITSELF : 'netbehave up'],
  }
}
