import { connectBroker, consume, publishStats } from '@netbehave/broker'
import { CONSUMERS } from '@netbehave/schema'
import { describeSystemError, EXIT_UNAVAILABLE, fileExitCode, OperatorError, runService } from '@netbehave/service'
import { openArchive } from './archive.ts'
import { createArchiver } from './archiver.ts'
import { ArchiverConfig } from './config.ts'
import { createCounters, registerMetrics } from './metrics.ts'
import { DirectoryOwnedError } from './own.ts'

await runService('archiver', ArchiverConfig, async ({ config, log, limitedLog, metrics, own, now }) => {
  const counters = createCounters()
  const { dataDir } = config
  const archive = own(await openArchive({ dataDir, settings: config, counters, log, now }).catch(explain)) // closed last
  const broker = own(connectBroker(config, 'archiver', log)) // drained: the last acknowledgement goes out
  const archiver = own(
    createArchiver({
      archive,
      counters,
      log,
      limitedLog,
      flushIntervalMs: config.flushIntervalMs,
      maintenanceIntervalMs: config.maintenanceIntervalMs,
      maxUnacknowledged: CONSUMERS.archiver.maxAckPending / 2,
    }),
  )
  own(consume(broker, CONSUMERS.archiver, log, archiver.onMessage)) // reads no more
  own({ [Symbol.dispose]: archiver.giveUpRetrying }) // first
  const days = () => archive.catalog.days()
  registerMetrics(metrics, counters, {
    brokers: [broker],
    stagedFlows: () => archive.stagedFlows,
    files: () => days().reduce((sum, { files }) => sum + files, 0),
    diskBytes: () => days().reduce((sum, { diskBytes }) => sum + diskBytes, 0),
  })
  own(
    publishStats(broker, {
      app: 'archiver',
      site: config.site,
      instance: config.instance,
      startedMs: now(),
      now,
      metrics: () => metrics.getMetricsAsJSON(),
      report: () => ({ days: days().slice(-7), timeZone: archive.clock.timeZone }),
    }),
  )
  return {}
})

function explain(error: Error): never {
  if (error instanceof DirectoryOwnedError)
    throw new OperatorError(error.message, { cause: error, exitCode: EXIT_UNAVAILABLE })
  if (fileExitCode(error) !== undefined) {
    const sentence = `the data folder cannot be written: ${describeSystemError(error)} (${error.message}); name another with --data-dir`
    throw new OperatorError(sentence, { cause: error })
  }
  throw error
}
