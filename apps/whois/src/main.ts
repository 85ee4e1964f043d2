import { join } from 'node:path'
import { connectBroker, endpoint, publishStats, serve } from '@netbehave/broker'
import { WHOIS_FLUSH, WHOIS_INFO, WHOIS_LOOKUP, WHOIS_PUT, WHOIS_STATS } from '@netbehave/schema'
import { describeSystemError, fileExitCode, OperatorError, runService } from '@netbehave/service'
import { openDatabase } from '@netbehave/sqlite'
import packageJson from '../package.json' with { type: 'json' }
import { WhoisConfig } from './config.ts'
import { createHolderStore } from './holder-store.ts'
import { createHttp } from './http.ts'
import { registerMetrics } from './metrics.ts'
import { createPace } from './pace.ts'
import { openBootstrapFiles } from './refresh.ts'
import { createWhois } from './whois.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const MIGRATIONS = join(import.meta.dirname, 'migrations')

await runService('whois', WhoisConfig, async ({ config, log, limitedLog, metrics, own, now }) => {
  const directory = join(config.dataDir, 'whois')
  const baseUrls = config.registries
  const store = own(createHolderStore(open(), storeOptions())) // closed last
  const trustedUrls = [config.bootstrapUrl, ...Object.values(baseUrls).filter((url) => url !== undefined)]
  const http = own(createHttp({ ...config, trustedUrls }))
  const bootstrap = own(
    openBootstrapFiles({ ...config, directory, http, refreshMs: config.refreshDays * DAY_MS, limitedLog, now }),
  )
  const broker = own(connectBroker(config, 'whois-service', log)) // drained: the last answers go out
  const pace = createPace({ ...config, now: () => performance.now() })
  const whois = own(createWhois({ ...config, store, bootstrap, pace, http, baseUrls, limitedLog, now }))
  const service = own(
    serve(
      broker,
      log,
      [
        endpoint(WHOIS_LOOKUP, ({ addresses }) => whois.lookup(addresses)),
        endpoint(WHOIS_INFO, () => whois.info()),
        endpoint(WHOIS_PUT, ({ holders }) => whois.put(holders)),
        endpoint(WHOIS_FLUSH, ({ what }) => ({ removed: whois.flush(what) })),
        endpoint(WHOIS_STATS, () => whois.stats()),
      ],
      { version: packageJson.version, description: 'who holds an address, by the registries' },
    ),
  ) // first: answers no more
  const pruning = setInterval(() => store.prune(), HOUR_MS).unref()
  own({ [Symbol.dispose]: () => clearInterval(pruning) })
  registerMetrics(metrics, { whois, store, bootstrap, service, broker })
  own(
    publishStats(broker, {
      app: 'whois',
      site: config.site,
      instance: config.instance,
      startedMs: now(),
      now,
      metrics: () => metrics.getMetricsAsJSON(),
    }),
  )
  if (config.enabled) bootstrap.start()
  return { asks: config.enabled }

  function open() {
    const path = join(directory, 'whois.sqlite3')
    try {
      return openDatabase(path, MIGRATIONS, {
        onSetAside: (aside) =>
          log.error(
            aside,
            `the whois database was damaged (${aside.reason}); it is now ${aside.path}, a new one is begun`,
          ),
        now,
      })
    } catch (cause) {
      if (fileExitCode(cause) === undefined) throw cause
      const why = `${describeSystemError(cause)} (${(cause as Error).message})`
      throw new OperatorError(`the data folder cannot be written: ${why}; name another with --data-dir`, { cause })
    }
  }

  function storeOptions() {
    const { maxRows, keepDays, keepNoneHours } = config
    return { maxRows, keepMs: keepDays * DAY_MS, keepNoneMs: keepNoneHours * HOUR_MS, now }
  }
})
