// Streams of several sites: those of a site's own server, what the hub's streams copy from them, and how far that is.
// In: a connection that may manage streams. Fails: what the server answers, when it refuses.
import {
  DiscardPolicy,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  StoreCompression,
  type StreamConfig,
  type StreamInfo,
  type StreamSource,
} from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import {
  DEDUPLICATION_MS,
  HUB_DOMAIN,
  SITE_KEEP_BYTES,
  SITE_KEEP_MS,
  type SiteStream,
  STREAMS,
  type StreamName,
  siteNames,
  siteOfStream,
  subjectToken,
} from '@netbehave/schema'

const NANOS_PER_MS = 1_000_000
const EVENTS_BYTES = 64 * 1024 * 1024
/** Key of a stream's metadata: what a site keeps of flows, in bytes. */
const KEEPS = 'netbehave_keeps_'

/** A site with a server of its own. */
export interface HubSite {
  readonly name: string
  /** What it keeps of flows while the hub is away. */
  readonly keepBytes: number
}

/** A site as the hub's stream of raw flows sees it. */
export interface SiteLag extends HubSite {
  /** Messages of its stream that are not here yet, as it said last; 0 also while nothing is known. */
  readonly waiting: number
}

/** All that a site's server must hold, for its JetStream's limit. */
export const siteStoreBytes = (keepBytes: number): number => keepBytes + EVENTS_BYTES

/** What a stream of the hub copies from these sites, and what it remembers of them. */
export function copiesOf(
  stream: StreamName,
  sites: readonly HubSite[],
): { sources: StreamSource[]; metadata: Record<string, string> } {
  if (stream === 'FLOWS') return { sources: [], metadata: {} }
  const isFlows = stream === 'FLOWS_RAW'
  const keeps = sites.map(({ name, keepBytes }) => [`${KEEPS}${name}`, String(keepBytes)])
  return {
    sources: sites.map(({ name }) => {
      const { domain, flows, events } = siteNames(name)
      const { name: from, deliver } = isFlows ? flows : events
      return { name: from, external: { api: `$JS.${domain}.API`, deliver } }
    }),
    metadata: isFlows ? Object.fromEntries(keeps) : {},
  }
}

/** The sites that a stream of the hub copies from now. */
export function sitesOf(info: Pick<StreamInfo, 'config' | 'sources'> | undefined): SiteLag[] {
  const { sources = [], metadata = {} } = info?.config ?? {}
  return (sources ?? []).flatMap(({ name: from }) => {
    const site = siteOfStream(from)
    if (site === undefined) return []
    const waiting = info?.sources?.find(({ name }) => name === from)?.lag ?? 0
    return [{ name: site, keepBytes: Number(metadata[`${KEEPS}${site}`] ?? SITE_KEEP_BYTES), waiting }]
  })
}

/** Makes the streams of a site's own server, or brings them up to date. */
export async function ensureSiteStreams(nc: NatsConnection, site: string, keepBytes: number): Promise<void> {
  const manager = await jetstreamManager(nc, { checkAPI: false })
  const { flows, events } = siteNames(site)
  const ensure = async ({ name, subject }: SiteStream, limits: Pick<StreamConfig, 'max_age' | 'max_bytes'>) => {
    const config = {
      name,
      subjects: [subject],
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      discard: DiscardPolicy.Old,
      compression: StoreCompression.S2,
      duplicate_window: DEDUPLICATION_MS * NANOS_PER_MS,
      ...limits,
    }
    const known = await manager.streams.info(name).catch(() => undefined)
    if (known) await manager.streams.update(name, config)
    // The hub goes on after the sequence that it had last. A stream that is made anew, after the loss of a disk, begins higher than the
    // old one ended, as long as that took less than a message each millisecond.
    else await manager.streams.add({ ...config, first_seq: Date.now() })
  }
  await ensure(flows, { max_age: SITE_KEEP_MS * NANOS_PER_MS, max_bytes: keepBytes })
  await ensure(events, { max_age: STREAMS.EVENTS.maxAgeMs * NANOS_PER_MS, max_bytes: EVENTS_BYTES })
}

/**
 * Up to which sequence of the site's stream the hub has the flows, asked over the line to the hub; undefined when it has none. Rejects
 * while the hub is away.
 */
export async function askArrived(nc: NatsConnection, site: string, timeoutMs: number): Promise<number | undefined> {
  const { flows } = siteNames(subjectToken(site))
  const subject = `$JS.${HUB_DOMAIN}.API.DIRECT.GET.FLOWS_RAW.${flows.subject}`
  const { headers } = await nc.request(subject, '', { timeout: timeoutMs })
  return readSource(headers?.get('Nats-Stream-Source') ?? '', flows.name)
}

/** `STREAM[:ID] SEQUENCE …`, as the hub's server writes it on what it copied. */
function readSource(header: string, stream: string): number | undefined {
  const [from = '', sequence = ''] = header.split(' ')
  return from.split(':')[0] === stream && /^\d+$/.test(sequence) ? Number(sequence) : undefined
}

/**
 * Removes what is at or before a sequence from the site's stream of flows. Returns how many messages went; undefined, and nothing is
 * removed, when the stream never had that sequence: the hub speaks of another one.
 */
export async function removeArrived(nc: NatsConnection, site: string, sequence: number): Promise<number | undefined> {
  const manager = await jetstreamManager(nc, { checkAPI: false })
  const { name } = siteNames(site).flows
  const { state } = await manager.streams.info(name)
  if (sequence > state.last_seq) return undefined
  return (await manager.streams.purge(name, { seq: sequence + 1 })).purged
}

/** The site's server sends a sign of life each second. */
const QUIET_NANOS = 2.5e9

/**
 * Streams of the hub that hear nothing of a site now. nats-server tries again by itself, but its tries lie up to two minutes apart when the
 * site was away for long; a single try looks like a sign of life.
 */
export async function quietCopies(nc: NatsConnection, site: string): Promise<StreamName[]> {
  const manager = await jetstreamManager(nc, { checkAPI: false })
  const quiet: StreamName[] = []
  for (const [stream, { name }] of copiedStreams(site)) {
    const { sources } = await manager.streams.info(stream)
    const copy = sources?.find((source) => source.name === name)
    if (copy === undefined || copy.active < 0 || copy.active > QUIET_NANOS) quiet.push(stream)
  }
  return quiet
}

/**
 * Has a stream copy from a site now: it goes on after the last message that it has, as in a try of the server's own. `sites` are all of the
 * hub. Two at a time would undo each other.
 */
export async function copyAnew(
  nc: NatsConnection,
  stream: StreamName,
  site: string,
  sites: readonly HubSite[],
): Promise<void> {
  const manager = await jetstreamManager(nc, { checkAPI: false })
  const from = copiedStreams(site).find(([name]) => name === stream)?.[1].name
  const { sources } = copiesOf(stream, sites)
  await manager.streams.update(stream, { sources: sources.filter(({ name }) => name !== from) })
  await manager.streams.update(stream, { sources })
}

function copiedStreams(site: string): [StreamName, SiteStream][] {
  const { flows, events } = siteNames(site)
  return [
    ['FLOWS_RAW', flows],
    ['EVENTS', events],
  ]
}
