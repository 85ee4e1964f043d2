// Names of what a site has beside its collector: a leaf nats-server of its own, whose streams the hub copies from. The hub keeps no list
// of sites but the sources of its streams. Sites and names map one to one, in both directions.
import { isSubjectToken, subjectToken } from './subjects.ts'

/** JetStream domain of the hub: by it the sites' servers ask for the hub's streams. */
export const HUB_DOMAIN = 'hub'

/** What a site keeps while the hub is away, when nobody says otherwise. */
export const SITE_KEEP_BYTES = 10 * 1024 ** 3
/** Older flows go, even where there is room. */
export const SITE_KEEP_MS = 30 * 24 * 3_600_000

export interface SiteNames {
  /** JetStream domain of the site's server. */
  readonly domain: string
  /** Streams of the site's server, and the subjects in them. */
  readonly flows: SiteStream
  readonly events: SiteStream
}

export interface SiteStream {
  readonly name: string
  readonly subject: string
  /** Begin of the subjects on which the hub has it delivered: nobody but this site's server may publish there. */
  readonly deliver: string
}

/** Throws RangeError when the site's name cannot be part of a subject. */
export function siteNames(site: string): SiteNames {
  const token = subjectToken(site)
  return {
    domain: token,
    flows: { name: `${FLOWS}${token}`, subject: `flows.raw.${token}`, deliver: `sites.${token}.flows` },
    events: { name: `${EVENTS}${token}`, subject: 'events.exporter.*', deliver: `sites.${token}.events` },
  }
}

const FLOWS = 'FLOWS_'
const EVENTS = 'EVENTS_'

/** The site whose flows are in the stream of this name; undefined when it is none of a site. */
export function siteOfStream(stream: string): string | undefined {
  const site = stream.startsWith(FLOWS) ? stream.slice(FLOWS.length) : ''
  return isSubjectToken(site) ? site : undefined
}
