// Every counter of the gateway.
import { type CountedConnection, countConnections, metricsOf } from '@netbehave/service'
import type { Registry } from 'prom-client'
import type { SignIn } from './access/sign-in.ts'
import type { Gate } from './gate.ts'
import type { HttpCounters } from './http/counters.ts'
import type { LiveCounters } from './live/hub.ts'
import type { RelayCounters } from './relay-call.ts'

export interface GatewaySources {
  /** Stats messages that were no snapshot. */
  readonly refused: () => number
  readonly brokers: () => readonly CountedConnection[]
  /** Apps that report now. */
  readonly apps: () => number
  readonly evicted: () => number
  readonly http: HttpCounters
  readonly signIn: Pick<SignIn, 'failures' | 'limited' | 'forgotten'> & { readonly gate: Pick<Gate, 'refused'> }
  readonly live: LiveCounters & { readonly sockets: () => number; readonly subscriptions: () => number }
  readonly history: Pick<Gate, 'running' | 'waiting' | 'refused'>
  readonly historyLoaded: () => boolean
  readonly relay: RelayCounters
}

export function registerMetrics(registry: Registry, sources: GatewaySources): void {
  const { counter, gauge, counterBy } = metricsOf(registry, 'search-gw')
  const { http, signIn, live, history, relay } = sources
  counter('stats_refused_total', 'stats messages that are no snapshot', sources.refused)
  counter('stats_evicted_total', 'apps whose snapshots were forgotten for want of room', sources.evicted)
  gauge('stats_apps', 'apps that report', sources.apps)
  countConnections(registry, 'search-gw', sources.brokers)
  counterBy('status', 'http_answers_total', 'answers by class of status', () => http.answers)
  counterBy('why', 'http_refusals_total', 'requests that were refused', () => http.refusals)
  counter('http_left_total', 'askers who left before the answer', () => http.left)
  counter('http_broken_off_total', 'answers that ended in the middle', () => http.brokenOff)
  counter('http_bad_requests_total', 'requests that were no HTTP, or came too slowly', () => http.badRequests)
  counter('http_connections_dropped_total', 'connections over the limits', () => http.connectionsDropped)
  counter('sign_in_failures_total', 'wrong passwords', () => signIn.failures)
  counter('sign_in_limited_total', 'passwords not looked at after too many wrong ones', () => signIn.limited)
  counter(
    'sign_in_forgotten_total',
    'addresses and users with wrong passwords forgotten for want of room',
    () => signIn.forgotten,
  )
  counter('sign_in_busy_total', 'passwords refused because too many were being looked at', () => signIn.gate.refused)
  gauge('live_sockets', 'live websockets', () => live.sockets())
  gauge('live_subscriptions', 'filters that are watched', () => live.subscriptions())
  counter('live_batches_total', 'batches read while somebody watched', () => live.batches)
  counter('live_flows_total', 'flows in them', () => live.flows)
  counter('live_refused_batches_total', 'messages that are no valid batch', () => live.refusedBatches)
  counter('live_skipped_flows_total', 'flows nobody looked at for want of time', () => live.skippedFlows)
  counter('live_rows_total', 'rows sent', () => live.sentRows)
  counter(
    'live_dropped_flows_total',
    'matches not sent: over the rate, or the socket was full',
    () => live.droppedFlows,
  )
  counter('live_slow_closed_total', 'sockets closed because they took too little for too long', () => live.slowClosed)
  counter('live_bad_messages_total', 'messages that are none of the protocol', () => live.badMessages)
  counter('live_refused_sockets_total', 'websockets refused: origin, login, room', () => live.refusedSockets)
  gauge('history_running', 'questions that history works on', () => history.running)
  gauge('history_waiting', 'questions that wait for their turn', () => history.waiting)
  counter('history_refused_total', 'questions refused because too many waited', () => history.refused)
  gauge('history_loaded', '1 while DuckDB is in memory', () => (sources.historyLoaded() ? 1 : 0))
  counter('services_asked_total', 'requests to other services', () => relay.asked)
  counter('services_faults_total', 'of them without an answer, or refused', () => relay.faults)
}
