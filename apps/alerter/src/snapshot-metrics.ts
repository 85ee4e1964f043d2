// Single values out of a snapshot's metrics (prom-client's JSON), which may be anybody's.
import type { StatsSnapshot } from '@netbehave/schema'

/** Sum of a metric over its labels; undefined when it is not there. */
export function metricOf(snapshot: StatsSnapshot, name: string): number | undefined {
  const metric = snapshot.metrics.find((candidate) => candidate?.name === name)
  if (!Array.isArray(metric?.values)) return undefined
  const values = (metric.values as unknown[]).map((entry) => (entry as { value?: unknown } | null)?.value)
  if (!values.every((value) => typeof value === 'number' && Number.isFinite(value))) return undefined
  return (values as number[]).reduce((sum, value) => sum + value, 0)
}
