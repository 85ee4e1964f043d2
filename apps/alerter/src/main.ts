import { connectBroker, consume, parseSnapshot, publishStats } from '@netbehave/broker'
import { CONSUMERS, SUBJECT_FAMILIES } from '@netbehave/schema'
import { describeSystemError, fileExitCode, OperatorError, runService } from '@netbehave/service'
import { NewerDatabaseError } from '@netbehave/sqlite'
import packageJson from '../package.json' with { type: 'json' }
import { createAlerter } from './alerter.ts'
import { configuredChannels } from './channel-config.ts'
import { AlerterConfig } from './config.ts'
import { createCounters } from './counters.ts'
import { openChannels } from './deliver/open-channels.ts'
import { registerMetrics } from './metrics.ts'
import { serveAlerts } from './service.ts'
import { databaseFile, openStore } from './store.ts'
import { createSubscription } from './subscribe.ts'

await runService('alerter', AlerterConfig, async ({ config, log, limitedLog, metrics, own, now }) => {
  const counters = createCounters()
  const channels = await openChannels(config, config.sendTimeoutMs, now)
  if (channels.length === 0) log.warn('no channel has an address, so nobody is told of anything: see docs/alerts.md')
  const db = openDatabaseOrExplain(config.dataDir)
  own({ [Symbol.dispose]: () => void db.close() }) // closed last
  const broker = own(connectBroker(config, 'alerter', log)) // drained: the last acknowledgement goes out
  const alerter = own(createAlerter({ config, db, channels, counters, log, limitedLog, now })) // messages on their way
  const subscription = own(createSubscription({ takeIn: alerter.takeIn, counters, limitedLog }))
  own(consume(broker, CONSUMERS.alerter, log, subscription.onMessage))
  own(
    broker.subscribe(SUBJECT_FAMILIES.stats, (bytes) => {
      const snapshot = parseSnapshot(bytes)
      if (snapshot) alerter.onSnapshot(snapshot)
    }),
  )
  const service = own(connectBroker(config, 'alerts-service', log))
  own(serveAlerts(service, log, { alerter, site: config.site, version: packageJson.version, now }))
  registerMetrics(metrics, { counters, alerter, brokers: [broker, service] })
  own(
    publishStats(broker, {
      app: 'alerter',
      site: config.site,
      instance: config.instance,
      startedMs: now(),
      now,
      metrics: () => metrics.getMetricsAsJSON(),
    }),
  )
  return { channels: configuredChannels(config) }

  function openDatabaseOrExplain(dataDir: string) {
    try {
      return openStore(databaseFile(dataDir), ({ path, reason }) =>
        log.error(
          { path, reason },
          `the database of alerts was damaged (${reason}); it is kept as ${path}, a new one begins`,
        ),
      )
    } catch (error) {
      if (error instanceof NewerDatabaseError) throw new OperatorError(error.message, { cause: error })
      if (fileExitCode(error) === undefined) throw error
      const sentence = `the data folder cannot be written: ${describeSystemError(error)}; name another with --data-dir`
      throw new OperatorError(sentence, { cause: error })
    }
  }
})
