// The JetStream streams and their durable consumers, as data; libs/broker makes them. Figures: docs/subjects.md.
import { SUBJECT_FAMILIES } from './subjects.ts'

export type StreamName = 'FLOWS_RAW' | 'FLOWS' | 'EVENTS'

export interface StreamSpec {
  readonly subjects: readonly string[]
  readonly maxAgeMs: number
  /** Size cap in bytes; the oldest messages go first. */
  readonly maxBytes: number
}

/** A durable pull consumer; every message is acknowledged by itself. */
export interface ConsumerSpec {
  readonly stream: StreamName
  readonly durable: string
  readonly ackWaitMs: number
  /** Messages that may be delivered and not yet acknowledged. */
  readonly maxAckPending: number
}

const HOUR_MS = 3_600_000
const MIB = 1024 * 1024

export const STREAMS: Readonly<Record<StreamName, StreamSpec>> = {
  FLOWS_RAW: { subjects: [SUBJECT_FAMILIES.flowsRaw], maxAgeMs: 48 * HOUR_MS, maxBytes: 2048 * MIB },
  FLOWS: { subjects: [SUBJECT_FAMILIES.flowsEnriched], maxAgeMs: 24 * HOUR_MS, maxBytes: 2048 * MIB },
  EVENTS: { subjects: SUBJECT_FAMILIES.events, maxAgeMs: 30 * 24 * HOUR_MS, maxBytes: 256 * MIB },
}

/**
 * How long a stream remembers message ids. A publisher repeats what was not acknowledged under the same id, so a broker
 * that was away for less than this stores nothing twice.
 */
export const DEDUPLICATION_MS = 20 * 60_000

export const CONSUMERS = {
  enricher: { stream: 'FLOWS_RAW', durable: 'enricher', ackWaitMs: 60_000, maxAckPending: 256 },
  archiver: { stream: 'FLOWS', durable: 'archiver', ackWaitMs: 120_000, maxAckPending: 4096 },
  alerter: { stream: 'EVENTS', durable: 'alerter', ackWaitMs: 10_000, maxAckPending: 1024 },
} as const satisfies Record<string, ConsumerSpec>
