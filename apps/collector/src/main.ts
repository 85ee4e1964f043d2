import { join } from 'node:path'
import { connectBroker, createPublisher, publishStats } from '@netbehave/broker'
import { runService } from '@netbehave/service'
import { createCollector } from './collector.ts'
import { CollectorConfig } from './config.ts'
import { createCounters, registerMetrics } from './metrics.ts'
import { createSiblings } from './siblings.ts'
import { createTellSilence, lookIntervalMs } from './tell-silence.ts'
import { keepDecoderState, templateFile } from './template-file.ts'

const KERNEL_DROPS_INTERVAL_MS = 2_000

await runService('collector', CollectorConfig, async ({ config, log, limitedLog, metrics, own, now }) => {
  const broker = own(connectBroker(config, 'collector', log)) // closed last: drained
  const publisher = own(
    createPublisher(broker, log, { maxInFlight: config.maxInFlight, maxBytes: config.maxHeldBytes }),
  )
  const counters = createCounters()
  const collector = createCollector(config, { publisher, counters, log, limitedLog, now })
  const { site, instance, silentAfterMs, sharePorts } = config
  const dir = join(config.dataDir, 'collector')
  own(await keepDecoderState(collector.decoder, join(dir, templateFile(site, instance)), log, limitedLog))
  const siblings = own(createSiblings({ collector, dir, site, instance, sharePorts, limitedLog }))
  own(collector) // closed first: sockets, then the last batch
  registerMetrics(metrics, { counters, collector, publisher, broker })
  const listening = await collector.start()
  const drops = setInterval(() => void collector.readKernelDrops(), KERNEL_DROPS_INTERVAL_MS)
  own({ [Symbol.dispose]: () => clearInterval(drops) })
  const reports = () =>
    collector.decoder
      .reports()
      .map(({ ip, lastSeenMs }) => ({ ip, lastSeenMs: Math.max(lastSeenMs, siblings.heardMs(ip)) }))
  const silence = { reports, publisher, site, silentAfterMs, startedMs: now(), counters: counters.silence }
  const tellSilence = createTellSilence(silence)
  const looking = setInterval(() => tellSilence(now()), lookIntervalMs(silentAfterMs))
  own({ [Symbol.dispose]: () => clearInterval(looking) })
  own(
    publishStats(broker, {
      app: 'collector',
      site,
      instance,
      startedMs: now(),
      now,
      metrics: () => metrics.getMetricsAsJSON(),
      report: () => collector.report(),
    }),
  )
  return { listening }
})
