// Every counter of the gateway.
import { metricsOf } from '@netbehave/service'
import type { Registry } from 'prom-client'

export interface GatewaySources {
  /** Stats messages that were no snapshot. */
  readonly refused: () => number
  readonly disconnects: () => number
  /** Apps that report now. */
  readonly apps: () => number
}

export function registerMetrics(registry: Registry, sources: GatewaySources): void {
  const { counter, gauge } = metricsOf(registry, 'search-gw')
  counter('stats_refused_total', 'stats messages that are no snapshot', sources.refused)
  counter('broker_disconnects_total', 'times the broker was lost', sources.disconnects)
  gauge('stats_apps', 'apps that report', sources.apps)
}
