// The sites with a server of their own, as the hub's stream of raw flows remembers them in its metadata.
import type { StreamInfo } from '@nats-io/jetstream'
import { isSubjectToken, SITE_KEEP_BYTES } from '@netbehave/schema'

/** Key of the metadata of the hub's stream: what a site keeps of flows, in bytes. The sites are those that have one. */
const KEEPS = 'netbehave_keeps_'

/** A site with a server of its own. */
export interface HubSite {
  readonly name: string
  /** What it keeps of flows while the hub is away. */
  readonly keepBytes: number
}

/** Metadata by which the hub's stream of raw flows remembers the sites. */
export const rememberSites = (sites: readonly HubSite[]): Record<string, string> =>
  Object.fromEntries(sites.map(({ name, keepBytes }) => [`${KEEPS}${name}`, String(keepBytes)]))

/** The sites that the hub's stream of raw flows remembers. */
export function sitesOf(info: Pick<StreamInfo, 'config'> | undefined): HubSite[] {
  return Object.entries(info?.config.metadata ?? {}).flatMap(([key, value]) => {
    const name = key.startsWith(KEEPS) ? key.slice(KEEPS.length) : ''
    return isSubjectToken(name) ? [{ name, keepBytes: Number(value) || SITE_KEEP_BYTES }] : []
  })
}
