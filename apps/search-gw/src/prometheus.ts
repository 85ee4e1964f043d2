// The whole system's metrics as one Prometheus page. In: snapshots; each value gets the labels site and instance.
import type { StatsSnapshot } from '@netbehave/schema'
import { AggregatorRegistry, type MetricObject } from 'prom-client'

interface MetricJson {
  name: string
  values: { labels: Record<string, string | number> }[]
}

/** Text in Prometheus' exposition format. Metrics that are not ours in form are left out. */
export async function toPrometheus(snapshots: readonly StatsSnapshot[]): Promise<string> {
  const all = snapshots.map(({ site, instance, metrics }) =>
    (metrics as unknown[]).filter(isMetric).map((metric) => withLabels(metric, site, instance)),
  )
  return AggregatorRegistry.aggregate(all as unknown as MetricObject[]).metrics()
}

function isMetric(metric: unknown): metric is MetricJson {
  const { name, values } = (metric ?? {}) as Partial<MetricJson>
  return typeof name === 'string' && /^netbehave_[a-z_]+$/.test(name) && Array.isArray(values)
}

const withLabels = (metric: MetricJson, site: string, instance: string): MetricJson => ({
  ...metric,
  values: metric.values.map((value) => ({ ...value, labels: { site, instance, ...value.labels } })),
})
