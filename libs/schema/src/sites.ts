// Names of what a site has beside its collector: a leaf nats-server of its own, whose streams are forwarded to the hub's. The hub keeps no
// list of sites but one in its stream of raw flows. Sites and names map one to one.
import type { StreamName } from './streams.ts'
import { SUBJECTS, subjectToken } from './subjects.ts'

/** JetStream domain of the hub, by which it is another one than those of the sites. */
export const HUB_DOMAIN = 'hub'

/** What a site keeps while the hub is away, when nobody says otherwise. */
export const SITE_KEEP_BYTES = 10 * 1024 ** 3
/** Older flows go, even where there is room. */
export const SITE_KEEP_MS = 30 * 24 * 3_600_000

export interface SiteNames {
  /** JetStream domain of the site's server. */
  readonly domain: string
  /** Its account at the hub. */
  readonly account: string
  /** Streams of the site's server. */
  readonly flows: SiteStream
  readonly events: SiteStream
}

export interface SiteStream {
  readonly name: string
  /** What is in it; at the hub no other site may publish there. */
  readonly subjects: readonly string[]
  /** The hub's stream to which it is forwarded. */
  readonly into: StreamName
}

/** Throws RangeError when the site's name cannot be part of a subject. */
export function siteNames(site: string): SiteNames {
  const token = subjectToken(site)
  return {
    domain: token,
    account: `SITE_${token}`,
    flows: { name: `FLOWS_${token}`, subjects: [SUBJECTS.flowsRaw(site)], into: 'FLOWS_RAW' },
    events: {
      name: `EVENTS_${token}`,
      subjects: [SUBJECTS.exporterSilent(site), SUBJECTS.exporterBack(site)],
      into: 'EVENTS',
    },
  }
}

/** Where a site asks for the last message of a subject that the hub has. */
export const lastAtHub = (subject: string): string => `hub.last.${subject}`
