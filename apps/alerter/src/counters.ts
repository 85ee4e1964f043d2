// What the steps count; metrics.ts shows it.
import { ALERT_CHANNELS, type AlertChannel } from '@netbehave/schema'

type ByChannel = Record<AlertChannel, number>

export interface AlerterCounters {
  events: number
  /** Delivered again, or told twice: taken in before. */
  repeatedEvents: number
  /** Messages that are no event. */
  refusedEvents: number
  storeFailures: number
  muted: number
  /** A rule names a channel that has no address. */
  noChannel: number
  /** Messages that went into a digest, by reason. */
  readonly digested: Record<'learning' | 'quiet' | 'throttle' | 'interval', number>
  /** Lines for which a digest had no room: counted by kind in it. */
  linesLeftOut: number
  digests: number
  /** The outbox of a channel was full: told in a digest. */
  outboxFull: number
  /** Limits that made something be forgotten or not be watched: mutes are refused, not forgotten. */
  forgottenEvents: number
  forgottenDeliveries: number
  unwatched: number
  readonly sent: ByChannel
  readonly failures: ByChannel
  readonly undelivered: ByChannel
  snapshots: number
}

const zeroes = (): ByChannel => Object.fromEntries(ALERT_CHANNELS.map((channel) => [channel, 0])) as ByChannel

export const createCounters = (): AlerterCounters => ({
  events: 0,
  repeatedEvents: 0,
  refusedEvents: 0,
  storeFailures: 0,
  muted: 0,
  noChannel: 0,
  digested: { learning: 0, quiet: 0, throttle: 0, interval: 0 },
  linesLeftOut: 0,
  digests: 0,
  outboxFull: 0,
  forgottenEvents: 0,
  forgottenDeliveries: 0,
  unwatched: 0,
  sent: zeroes(),
  failures: zeroes(),
  undelivered: zeroes(),
  snapshots: 0,
})
