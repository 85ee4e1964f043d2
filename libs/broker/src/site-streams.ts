// Streams of a site's own server. In: a connection that may manage streams. Fails: what the server answers,
// when it refuses.
import {
  DiscardPolicy,
  type JetStreamManager,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  StoreCompression,
  type StreamConfig,
} from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { DEDUPLICATION_MS, SITE_KEEP_MS, type SiteStream, STREAMS, siteNames } from '@netbehave/schema'
import { whenMissing } from './streams.ts'

const NANOS_PER_MS = 1_000_000
const EVENTS_BYTES = 64 * 1024 * 1024
/** All that a site's server must hold, for its JetStream's limit. */
export const siteStoreBytes = (keepBytes: number): number => keepBytes + EVENTS_BYTES

/** Makes the streams of a site's own server, or brings them up to date. */
export async function ensureSiteStreams(nc: NatsConnection, site: string, keepBytes: number): Promise<void> {
  const manager = await jetstreamManager(nc, { checkAPI: false })
  const { flows, events } = siteNames(site)
  const ensure = async ({ name, subjects }: SiteStream, limits: Pick<StreamConfig, 'max_age' | 'max_bytes'>) => {
    const known = await manager.streams.info(name).catch(whenMissing)
    const config = {
      name,
      subjects: [...subjects],
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      discard: DiscardPolicy.Old,
      compression: StoreCompression.S2,
      duplicate_window: DEDUPLICATION_MS * NANOS_PER_MS,
      metadata: { [GENERATION]: known?.config.metadata?.[GENERATION] ?? newGeneration() },
      ...limits,
    }
    if (known) await manager.streams.update(name, config)
    else await manager.streams.add(config)
  }
  await ensure(flows, { max_age: SITE_KEEP_MS * NANOS_PER_MS, max_bytes: keepBytes })
  await ensure(events, { max_age: STREAMS.EVENTS.maxAgeMs * NANOS_PER_MS, max_bytes: EVENTS_BYTES })
}

/** Key of the metadata of a site's stream: another value means that its sequences count anew. */
const GENERATION = 'netbehave_generation'
/** Nobody can guess it: message ids are made of it, and whoever used those of another site would have its flows taken for duplicates. */
const newGeneration = (): string => crypto.randomUUID()

export interface SiteStreamState {
  readonly generation: string
  /** Sequence of the newest message; 0: none yet. */
  readonly last: number
}

export async function siteStreamState(manager: JetStreamManager, { name }: SiteStream): Promise<SiteStreamState> {
  const { config, state } = await manager.streams.info(name)
  return { generation: config.metadata?.[GENERATION] ?? '', last: state.last_seq }
}

/** From now on its sequences are taken for others than those that the hub has had: it is an older copy of itself. */
export async function beginGeneration(manager: JetStreamManager, { name }: SiteStream): Promise<SiteStreamState> {
  const { config } = await manager.streams.info(name)
  await manager.streams.update(name, { metadata: { ...config.metadata, [GENERATION]: newGeneration() } })
  return siteStreamState(manager, { name } as SiteStream)
}
