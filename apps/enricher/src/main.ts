import { connectBroker, consume, createPublisher, publishStats } from '@netbehave/broker'
import { CONSUMERS } from '@netbehave/schema'
import { runService } from '@netbehave/service'
import { EnricherConfig } from './config.ts'
import { createEnrich } from './enrich.ts'
import { createEnricher } from './enricher.ts'
import { createCounters, registerMetrics } from './metrics.ts'
import { readServiceTable } from './service-table.ts'

/** All that may be delivered and not acknowledged fits, so the publisher never has to drop. */
const HELD_BYTES = CONSUMERS.enricher.maxAckPending * 1024 * 1024

await runService('enricher', EnricherConfig, async ({ config, log, limitedLog, metrics, own, now }) => {
  const enrich = createEnrich(readServiceTable(config.servicesFile))
  const broker = own(connectBroker(config, 'enricher', log)) // closed last: drained
  const publisher = own(createPublisher(broker, log, { maxInFlight: config.maxInFlight, maxBytes: HELD_BYTES }))
  const counters = createCounters()
  registerMetrics(metrics, counters, publisher, broker)
  const onMessage = createEnricher({ publisher, enrich, counters, limitedLog, maxInFlight: config.maxInFlight })
  own(consume(broker, CONSUMERS.enricher, log, onMessage))
  own(
    publishStats(broker, {
      app: 'enricher',
      site: config.site,
      instance: config.instance,
      startedMs: now(),
      now,
      metrics: () => metrics.getMetricsAsJSON(),
    }),
  )
  return {}
})
