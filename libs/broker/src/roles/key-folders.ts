// Which keys an app needs: one folder each, so that it can be given its own and no other.
import type { Role } from './roles.ts'

/** `ops`: what people use from the command line. `sites`: what servers at other sites connect with. */
export const KEY_FOLDERS = {
  collector: ['collector'],
  enricher: ['enricher', 'enricher-sightings'],
  archiver: ['archiver'],
  alerter: ['alerter', 'alerts-service'],
  'dns-ingest': ['dns-ingest', 'dns-service', 'dns-events'],
  whois: ['whois-service'],
  ipam: ['ipam-service', 'ipam-events'],
  'search-gw': ['search-gw', 'gw-operator', 'gw-admin'],
  ops: ['admin', 'analyst', 'flow-admin', 'sys'],
  sites: ['leaf'],
} as const satisfies Record<string, readonly Role[]>
export type KeyFolder = keyof typeof KEY_FOLDERS

export const keyFolder = (role: Role): KeyFolder => {
  const found = Object.entries(KEY_FOLDERS).find(([, roles]) => (roles as readonly Role[]).includes(role))
  if (!found) throw new RangeError(`the role ${role} has no folder for its key`)
  return found[0] as KeyFolder
}
