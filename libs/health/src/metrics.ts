// Reads metrics of snapshots, as prom-client's `getMetricsAsJSON` has them. What has another form counts as absent.
import type { StatsSnapshot } from '@netbehave/schema'

export interface MetricValue {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

interface MetricJson {
  name: string
  values: { value: number; labels?: Record<string, string | number> }[]
}

/** The values of one metric in one snapshot; empty when it has none. */
export function valuesOf(snapshot: StatsSnapshot, name: string): MetricValue[] {
  const metric = (snapshot.metrics as (Partial<MetricJson> | null)[]).find((candidate) => candidate?.name === name)
  if (!Array.isArray(metric?.values)) return []
  return metric.values
    .filter((entry) => typeof entry?.value === 'number' && Number.isFinite(entry.value))
    .map(({ value, labels = {} }) => ({
      value,
      labels: Object.fromEntries(Object.entries(labels).map(([label, text]) => [label, String(text)])),
    }))
}

/** The sum over labels; undefined when the snapshot does not have the metric. */
export function sumOf(snapshot: StatsSnapshot, name: string): number | undefined {
  const values = valuesOf(snapshot, name)
  return values.length === 0 ? undefined : values.reduce((sum, { value }) => sum + value, 0)
}
