import { connectBroker, parseSnapshot, publishStats } from '@netbehave/broker'
import { runService } from '@netbehave/service'
import { SearchGwConfig } from './config.ts'
import { judgeHealth } from './health.ts'
import { serveHttp } from './http.ts'
import { registerMetrics } from './metrics.ts'
import { toPrometheus } from './prometheus.ts'
import { Snapshots } from './snapshots.ts'

await runService('search-gw', SearchGwConfig, async ({ config, log, metrics, own, now }) => {
  const broker = own(connectBroker(config, 'search-gw', log)) // closed last: drained
  const snapshots = new Snapshots()
  let refused = 0
  registerMetrics(metrics, {
    refused: () => refused,
    disconnects: () => broker.counters.disconnects,
    apps: () => snapshots.fresh(now()).length,
  })
  own(
    broker.subscribe('stats.>', (bytes) => {
      const snapshot = parseSnapshot(bytes)
      if (snapshot) snapshots.put(snapshot, now())
      else refused++
    }),
  )
  const { server, url } = await serveHttp(config.listen, {
    health: () => judgeHealth(broker.isConnected, snapshots.fresh(now())),
    metrics: () => toPrometheus(snapshots.fresh(now())),
  })
  own({
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
  own(
    publishStats(broker, {
      app: 'search-gw',
      site: config.site,
      instance: config.instance,
      startedMs: now(),
      now,
      metrics: () => metrics.getMetricsAsJSON(),
    }),
  )
  return { http: url }
})
