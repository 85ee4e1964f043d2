import { connectBroker, consume, createPublisher, publishStats } from '@netbehave/broker'
import { CONSUMERS, type EnricherReport } from '@netbehave/schema'
import { runService } from '@netbehave/service'
import { AlertTable } from './alert-table.ts'
import { EnricherConfig } from './config.ts'
import { createEnrich } from './enrich.ts'
import { createEnricher } from './enricher.ts'
import { createMatch, REPORTED_RULES } from './match.ts'
import { createCounters, registerMetrics } from './metrics.ts'
import { watchRuleFiles } from './rule-files.ts'
import { readServiceTable } from './service-table.ts'

/** All that may be delivered and not acknowledged fits, so the publisher never has to drop. */
const HELD_BYTES = CONSUMERS.enricher.maxAckPending * 1024 * 1024

await runService('enricher', EnricherConfig, async ({ config, log, limitedLog, metrics, own, now }) => {
  const { rules: named, rulesIntervalMs: intervalMs, maxInFlight } = config
  const enrich = createEnrich(readServiceTable(config.servicesFile))
  const alerts = new AlertTable(config.alertSources)
  const match = createMatch(alerts)
  const ruleFiles = own(watchRuleFiles({ named, intervalMs, log, onRules: match.setRules }))
  const broker = own(connectBroker(config, 'enricher', log)) // closed last: drained
  const publisher = own(createPublisher(broker, log, { maxInFlight, maxBytes: HELD_BYTES }))
  const counters = createCounters()
  registerMetrics(metrics, { counters, match, ruleFiles, alerts, publisher, broker })
  const neighbours = { publisher, enrich, match, alerts, counters, limitedLog, now, maxInFlight }
  const enricher = own(createEnricher(neighbours))
  own(consume(broker, CONSUMERS.enricher, log, enricher.onMessage))
  own(
    publishStats(broker, {
      app: 'enricher',
      site: config.site,
      instance: config.instance,
      startedMs: now(),
      now,
      metrics: () => metrics.getMetricsAsJSON(),
      report: (): EnricherReport => ({
        rules: match.report(),
        rulesLeftOut: Math.max(0, match.rules.length - REPORTED_RULES),
        unmatched: match.unmatched,
        ruleFiles: [...ruleFiles.files],
        ruleFileErrors: [...ruleFiles.errors],
      }),
    }),
  )
  return {}
})
