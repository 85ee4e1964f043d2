// A site for a hub whose nats-server runs on a folder of `broker init`: its settings, its key, the configuration.
import { join, resolve } from 'node:path'
import { roleKey } from '@netbehave/broker'
import { writeHub } from '../broker/hub-folder.ts'
import { requireHubSettings } from '../broker/hub-settings.ts'
import { CommandError, EXIT } from '../exit-codes.ts'
import type { AddedSite, NewSite } from './add-site.ts'

export async function addToFolder(
  dir: string,
  { name, hub, host, leafListen, keepMiB }: NewSite,
  nowMs: number,
): Promise<AddedSite> {
  const before = requireHubSettings(dir)
  if (!before.isTls)
    throw new CommandError(
      `the hub in ${resolve(dir)} has no certificates, and a site's flows must not be readable on the way: run netbehave broker init --dir ${dir} without --no-tls in a new folder`,
      EXIT.usage,
    )
  if (before.sites.includes(name))
    throw new CommandError(`the collector of ${name} connects to this hub itself: choose another name`, EXIT.usage)
  const settings = {
    ...before,
    leafSites: [...new Set([...before.leafSites, name])].sort(),
    keepMiB: { ...before.keepMiB, [name]: keepMiB },
    hosts: [...new Set([...before.hosts, host])],
    leafListen: before.leafListen ?? leafListen,
    advertise: before.advertise ?? hub,
  }
  const done = await writeHub(dir, settings, nowMs)
  const conf = `${settings.mountedAt ?? resolve(dir)}/hub.conf`
  return {
    seedFile: join(resolve(dir), 'keys', 'sites', `${roleKey('leaf', name)}.seed`),
    caFile: join(resolve(dir), 'tls', 'ca.pem'),
    done,
    steps: [
      // After a reload nats-server (2.10.27) knows the site's key, and hands nothing of its new account on.
      `start nats-server again on ${conf} (a container: docker compose restart nats); what routers send meanwhile is kept`,
      `netbehave broker streams --dir ${dir}`,
    ],
  }
}
