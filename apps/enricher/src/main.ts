import { connectBroker, consume, createPublisher, publishStats } from '@netbehave/broker'
import { CONSUMERS, type EnricherReport } from '@netbehave/schema'
import { runService } from '@netbehave/service'
import { AlertTable } from './alert-table.ts'
import { EnricherConfig } from './config.ts'
import { createEnrich } from './enrich.ts'
import { createEnricher } from './enricher.ts'
import { createLookUps } from './look-ups.ts'
import { createMatch, REPORTED_RULES } from './match.ts'
import { createCounters, registerMetrics } from './metrics.ts'
import { createNameServices } from './name-services.ts'
import { reportSightings } from './report-sightings.ts'
import { watchRuleFiles } from './rule-files.ts'
import { readServiceTable } from './service-table.ts'
import { SightTable } from './sight.ts'

/** All that may be delivered and not acknowledged fits, so the publisher never has to drop. */
const HELD_BYTES = CONSUMERS.enricher.maxAckPending * 1024 * 1024

await runService('enricher', EnricherConfig, async ({ config, log, limitedLog, metrics, own, now }) => {
  const { rules: named, rulesIntervalMs: intervalMs, maxInFlight } = config
  const nameServices = createNameServices(readServiceTable(config.servicesFile))
  const alerts = new AlertTable(config.alertSources)
  const match = createMatch(alerts)
  const ruleFiles = own(watchRuleFiles({ named, intervalMs, log, onRules: match.setRules }))
  const broker = own(connectBroker(config, 'enricher', log)) // closed last: drained
  const publisher = own(createPublisher(broker, log, { maxInFlight, maxBytes: HELD_BYTES }))
  const counters = createCounters()
  const lookUps = own(createLookUps(broker, config, limitedLog, now))
  const enrich = createEnrich({ nameServices, lookUps, holders: config.holders, counters, now })
  const sights = new SightTable(config.sightAddresses, config.sightIntervalMs)
  const sighting = own(connectBroker(config, 'enricher-sightings', log))
  const sightings = own(reportSightings(sights, sighting, limitedLog, now))
  const brokers = [broker, sighting]
  registerMetrics(metrics, { sights, sightings, lookUps, counters, match, ruleFiles, alerts, publisher, brokers })
  const neighbours = { publisher, enrich, sights, match, alerts, counters, limitedLog, now, maxInFlight }
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
