// Makes the hub's streams and their durable consumers as libs/schema lists them; run again it brings them up to date.
import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  StoreCompression,
  type StreamInfo,
} from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import {
  CONSUMERS,
  type ConsumerSpec,
  DEDUPLICATION_MS,
  STREAMS,
  type StreamName,
  type StreamSpec,
} from '@netbehave/schema'
import { type HubSite, rememberSites, sitesOf } from './hub-sites.ts'

const NANOS_PER_MS = 1_000_000

export interface StreamOptions {
  /** Size caps in bytes that replace those of the list. */
  readonly maxBytes?: Partial<Record<StreamName, number>>
  /** Servers of a cluster that hold each stream: 1, 3 or 5; absent: as many as before, at first 1. */
  readonly streamReplicas?: number
  /** Sites with a server of their own; absent: the same as before. */
  readonly sites?: readonly HubSite[]
}

/** Throws what the server answers, when it refuses. Every other app may connect before or after. */
export async function ensureStreams(nc: NatsConnection, options: StreamOptions = {}): Promise<void> {
  const { streamReplicas = 1 } = options
  // One that runs alone takes the number at an update and keeps one copy (seen on 2.10.27).
  if (streamReplicas > 1 && nc.info?.cluster === undefined)
    throw new Error(`it is not in a cluster, and keeps one copy where ${streamReplicas} are asked for`)
  const manager = await jetstreamManager(nc, { checkAPI: false })
  const sites = options.sites ?? sitesOf(await manager.streams.info('FLOWS_RAW').catch(whenMissing))
  for (const [name, spec] of Object.entries(STREAMS) as [StreamName, StreamSpec][]) {
    const known = await manager.streams.info(name).catch(whenMissing)
    const config = {
      name,
      subjects: [...spec.subjects],
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      discard: DiscardPolicy.Old,
      compression: StoreCompression.S2,
      max_age: spec.maxAgeMs * NANOS_PER_MS,
      max_bytes: options.maxBytes?.[name] ?? spec.maxBytes,
      duplicate_window: Math.min(DEDUPLICATION_MS, spec.maxAgeMs) * NANOS_PER_MS,
      num_replicas: options.streamReplicas ?? known?.config.num_replicas ?? 1,
      // A site asks what of its own came last.
      allow_direct: name !== 'FLOWS',
      // An update keeps what is not named, and a stream that copies answers whoever it copies from (docs/decisions/014).
      sources: [],
    }
    // The server's own time of creation changes when a stream is updated and the server started again (seen on 2.10.27);
    // readers tell streams of one name apart by it, so it is kept where it does not change.
    const madeMs = known ? streamMadeMs(known) : Date.now()
    const metadata = name === 'FLOWS_RAW' ? rememberSites(sites) : {}
    const whole = { ...config, metadata: { ...metadata, [MADE]: String(madeMs) } }
    if (known) await manager.streams.update(name, whole)
    else await manager.streams.add(whole)
  }
  for (const spec of Object.values(CONSUMERS) as ConsumerSpec[]) {
    await manager.consumers.add(spec.stream, {
      durable_name: spec.durable,
      ack_policy: AckPolicy.Explicit,
      ack_wait: spec.ackWaitMs * NANOS_PER_MS,
      max_ack_pending: spec.maxAckPending,
      deliver_policy: DeliverPolicy.All,
    })
  }
}

/** A server that did not answer may well have the stream. */
export function whenMissing(error: unknown): undefined {
  if (!(error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound)) throw error
  return undefined
}

const MADE = 'netbehave_made'

/** When a stream was made, epoch ms: the same for as long as its sequences count on. */
export const streamMadeMs = (info: StreamInfo): number =>
  Number(info.config.metadata?.[MADE] ?? Date.parse(info.created))
