// Single figures out of what the apps tell about themselves.
import { askStats, type Broker } from '@netbehave/broker'

/** The sum over all apps and labels of a metric, `netbehave_…_total`; 0 when nobody has it. */
export async function askMetric(broker: Broker, name: string): Promise<number> {
  const snapshots = await askStats(broker)
  const metrics = snapshots.flatMap((snapshot) => snapshot.metrics as { name: string; values: { value: number }[] }[])
  const values = metrics.filter((metric) => metric.name === name).flatMap((metric) => metric.values)
  return values.reduce((sum, { value }) => sum + value, 0)
}

export const ACKNOWLEDGED_FLOWS = 'netbehave_collector_publish_acknowledged_flows_total'
