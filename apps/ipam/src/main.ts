import { join } from 'node:path'
import { connectBroker, createPublisher, publishStats, serve } from '@netbehave/broker'
import { SUBJECTS } from '@netbehave/schema'
import { describeSystemError, fileExitCode, OperatorError, runService } from '@netbehave/service'
import { IpamConfig } from './config.ts'
import { createIpam } from './ipam.ts'
import { createCounters, registerMetrics } from './metrics.ts'
import { createNewLog } from './new-log.ts'
import { openStore } from './store.ts'

await runService('ipam', IpamConfig, async ({ config, log, limitedLog, metrics, own, now }) => {
  const directory = join(config.dataDir, 'ipam')
  const counters = createCounters()
  const store = own(open(join(directory, 'assets.sqlite3'))) // closed last
  const events = own(connectBroker(config, 'ipam-events', log))
  const publisher = createPublisher(events, log) // closed with what fills it
  const newLog = createNewLog({
    path: join(directory, 'ipam.new'),
    maxBytes: config.newLogBytes,
    files: config.newLogFiles,
  })
  const { maxAssetsPerSite, localZones, leasesIntervalMs: intervalMs } = config
  const asked = { broker: events, intervalMs }
  const ipam = own(
    createIpam({ store, publisher, newLog, maxAssetsPerSite, localZones, leases: asked, limitedLog, now }),
  )
  own(events.subscribe(SUBJECTS.dnsReply, ipam.onDnsReply))
  const requests = own(connectBroker(config, 'ipam-service', log))
  const service = own(
    serve(requests, log, ipam.endpoints, { version: '0.1.0', description: 'assets: what is on the local networks' }),
  )
  const { room, outbox } = store
  registerMetrics(metrics, {
    ...{ counters, room, outbox, publisher, service },
    ...{ hear: ipam.hear, leases: ipam.leases },
    brokers: [events, requests],
  })
  own(
    publishStats(events, {
      app: 'ipam',
      site: config.site,
      instance: config.instance,
      startedMs: now(),
      now,
      metrics: () => metrics.getMetricsAsJSON(),
    }),
  )
  return {}

  function open(path: string) {
    try {
      return openStore({
        path,
        settings: config,
        counters,
        onSetAside: ({ path: aside, reason }) =>
          log.error(
            { aside, reason },
            `the database of assets is damaged (${reason}): set aside as ${aside}, a new one is begun`,
          ),
      })
    } catch (error) {
      if (fileExitCode(error) === undefined) throw error
      const sentence = `the database of assets cannot be opened: ${describeSystemError(error)} (${path})`
      throw new OperatorError(sentence, { cause: error })
    }
  }
})
