// Every counter of the alerter.
import type { Broker } from '@netbehave/broker'
import { countConnections, metricsOf } from '@netbehave/service'
import type { Registry } from 'prom-client'
import type { Alerter } from './alerter.ts'
import type { AlerterCounters } from './counters.ts'

export interface AlerterMetrics {
  readonly counters: AlerterCounters
  readonly alerter: Alerter
  readonly brokers: readonly Broker[]
}

export function registerMetrics(registry: Registry, { counters, alerter, brokers }: AlerterMetrics): void {
  const { counter, gauge, counterBy, gaugeBy } = metricsOf(registry, 'alerter')
  counter('subscribe_events_total', 'events taken in', () => counters.events)
  counter('subscribe_repeated_total', 'events that were taken in before', () => counters.repeatedEvents)
  counter('subscribe_refused_total', 'messages that are no event', () => counters.refusedEvents)
  counter('subscribe_snapshots_total', 'snapshots of other apps looked at', () => counters.snapshots)
  counter('store_failures_total', 'times that the database could not be written', () => counters.storeFailures)
  counter('store_forgotten_events_total', 'ids of events forgotten, the oldest first', () => counters.forgottenEvents)
  counter(
    'store_forgotten_deliveries_total',
    'sent and undelivered messages that left the list, the oldest first',
    () => counters.forgottenDeliveries,
  )
  counter('evaluate_muted_total', 'times that nothing was said because of a mute', () => counters.muted)
  counter(
    'evaluate_no_channel_total',
    'times that a rule named a channel that has no address',
    () => counters.noChannel,
  )
  counter('evaluate_unwatched_total', 'snapshots of senders beyond those watched', () => counters.unwatched)
  counterBy('reason', 'throttle_digested_total', 'messages that went into a digest', () =>
    Object.entries(counters.digested),
  )
  counter('throttle_lines_left_out_total', 'messages of which a digest only has the count', () => counters.linesLeftOut)
  counter('throttle_outbox_full_total', 'messages that went into a digest for want of room', () => counters.outboxFull)
  counter('throttle_digests_total', 'digests made', () => counters.digests)
  counterBy('channel', 'deliver_sent_total', 'messages that a channel took', () => Object.entries(counters.sent))
  counterBy('channel', 'deliver_failures_total', 'tries that a channel did not take', () =>
    Object.entries(counters.failures),
  )
  counterBy('channel', 'deliver_undelivered_total', 'messages given up', () => Object.entries(counters.undelivered))
  gaugeBy('channel', 'deliver_waiting', 'messages that wait', () =>
    alerter.deliverer.states().map(({ channel }): [string, number] => [channel, alerter.outbox.countWaiting(channel)]),
  )
  gaugeBy('channel', 'deliver_working', '1: the last try was taken, or none was made; 0: it failed', () =>
    alerter.deliverer.states().map(({ channel, error }): [string, number] => [channel, error === '' ? 1 : 0]),
  )
  gauge('deliver_undelivered', 'messages that are undelivered now', () => alerter.outbox.count('undelivered'))
  gauge('learning', '1 while the learning window lasts', () => (alerter.learningUntilMs() === null ? 0 : 1))
  countConnections(registry, 'alerter', () => brokers)
}
