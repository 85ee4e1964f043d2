import { connectBroker, publishStats } from '@netbehave/broker'
import { runService } from '@netbehave/service'
import packageJson from '../package.json' with { type: 'json' }
import { DnsIngestConfig } from './config.ts'
import { checkLogs, createDnsIngest } from './dns-ingest.ts'
import { registerMetrics } from './metrics.ts'

await runService('dns-ingest', DnsIngestConfig, async ({ config, log, limitedLog, metrics, own, now, fail }) => {
  checkLogs(config)
  const connect = (role: Parameters<typeof connectBroker>[1]) => own(connectBroker(config, role, log)) // closed last: drained
  const { version } = packageJson
  const dnsIngest = own(createDnsIngest({ config, log, limitedLog, now, connect, version, fail })) // closed first
  registerMetrics(metrics, dnsIngest.metrics)
  own(
    publishStats(dnsIngest.reports, {
      app: 'dns-ingest',
      site: config.site,
      instance: config.instance,
      startedMs: now(),
      now,
      metrics: () => metrics.getMetricsAsJSON(),
    }),
  )
  await dnsIngest.begun
  return { logs: config.logs.map(({ file }) => file), mode: config.mode }
})
