import { rm } from 'node:fs/promises'
import { type Access, type AccessOptions, openAccess } from '@netbehave/access'
import { type Broker, connectBroker, parseSnapshot, publishStats, type Role } from '@netbehave/broker'
import { hostTimeZone } from '@netbehave/history'
import { type SearchGwReport, SUBJECTS } from '@netbehave/schema'
import { describeSystemError, OperatorError, runService } from '@netbehave/service'
import { z } from 'zod'
import packageJson from '../package.json' with { type: 'json' }
import { Identities } from './access/identity.ts'
import { SignIn } from './access/sign-in.ts'
import { SearchGwConfig } from './config.ts'
import { ConsumerLags } from './consumer-lag.ts'
import { Gate } from './gate.ts'
import { judgeHealth } from './health.ts'
import { openArchive } from './history/archive.ts'
import { snapshotFolder } from './history/download-day.ts'
import { ValueCache } from './history/value-cache.ts'
import { createApp } from './http/app.ts'
import { HttpCounters } from './http/counters.ts'
import { createIsProxy, createReadPeer } from './http/peer.ts'
import { serveHttp } from './http/serve.ts'
import { WEB_DIR } from './http/static.ts'
import { createLiveCounters, createLiveHub } from './live/hub.ts'
import { createLiveServer } from './live/upgrade.ts'
import { registerMetrics } from './metrics.ts'
import { toPrometheus } from './prometheus.ts'
import { createAskService } from './relay-call.ts'
import { bindAccess } from './routes/access.ts'
import { bindDays } from './routes/days.ts'
import { bindFilter } from './routes/filter.ts'
import { bindFlows } from './routes/flows.ts'
import { bindHealth } from './routes/health.ts'
import { bindRules } from './routes/rules.ts'
import { bindServices } from './routes/services.ts'
import { SiteWatch } from './site-watch.ts'
import { Snapshots } from './snapshots.ts'

const { version } = packageJson
const HOUR_MS = 3_600_000
const SNAPSHOT_FILES = { atOnce: 2, waiting: 8 }
const ArchiverReport = z.object({ timeZone: z.string() })

await runService('search-gw', SearchGwConfig, async ({ config, log, limitedLog, metrics, own, now }) => {
  const { dataDir, basePath, allowedOrigins } = config
  const connect = (role: Role): Broker => own(connectBroker(config, role, log))
  const broker = connect('search-gw') // closed last: drained
  const later: Partial<Record<Role, Broker>> = {}
  const brokers = {
    viewer: broker,
    operator: () => (later['gw-operator'] ??= connect('gw-operator')),
    admin: () => (later['gw-admin'] ??= connect('gw-admin')),
  }
  const access = own(openUsers(dataDir, { now, sessionLimits: { idleMs: config.sessionIdleHours * HOUR_MS } }))
  const archive = own(
    openArchive({
      dataDir,
      timeLimitMs: config.queryTimeLimitMs,
      atOnce: config.queriesAtOnce,
      waiting: config.queriesWaiting,
      memoryLimitMb: config.memoryLimitMb,
      threads: config.threads,
    }),
  )
  await rm(snapshotFolder(dataDir), { recursive: true, force: true })

  const snapshots = new Snapshots()
  const sites = own(new SiteWatch(broker, now))
  let refused = 0
  own(
    broker.subscribe('stats.>', (bytes) => {
      const snapshot = parseSnapshot(bytes)
      if (snapshot) {
        snapshots.put(snapshot, now(), bytes.length)
        sites.hear(snapshot)
      } else refused++
    }),
  )

  // Apps that started before us said how they are before we listened.
  void broker.connected.then(
    () => broker.publishCore(SUBJECTS.statsAsk, ''),
    () => {},
  )

  const signIn = new SignIn(access.users, now)
  const identities = new Identities(access, signIn)
  const isProxy = createIsProxy(config.trustedProxies)
  const readPeer = createReadPeer(isProxy)
  const http = new HttpCounters()
  const liveCounters = createLiveCounters()
  const relay = { asked: 0, faults: 0 }
  const onFault = (error: Error) => limitedLog('live', { err: error }, error.message)
  const hub = own(createLiveHub({ broker, counters: liveCounters, now, onFault }))
  const { liveSockets: sockets, liveSocketsPerUser: socketsPerUser } = config
  const live = createLiveServer({
    hub,
    counters: liveCounters,
    identities,
    readPeer,
    basePath,
    allowedOrigins,
    sockets,
    socketsPerUser,
    now,
  })
  registerMetrics(metrics, {
    refused: () => refused,
    brokers: () => [broker, ...Object.values(later)],
    apps: () => snapshots.fresh(now()).length,
    evicted: () => snapshots.evicted,
    http,
    signIn,
    live: Object.assign(liveCounters, { sockets: () => live.sockets, subscriptions: () => live.subscriptions }),
    history: archive.gate,
    historyLoaded: () => archive.isLoaded,
    relay,
  })

  /** The archiver's, where it says it: days are its. */
  const timeZone = () => {
    const report = snapshots.fresh(now()).find(({ app }) => app === 'archiver')?.report
    return ArchiverReport.safeParse(report).data?.timeZone ?? hostTimeZone()
  }
  const onRequest = createApp({
    identities,
    readPeer,
    counters: http,
    basePath,
    allowedOrigins,
    isTls: config.tlsCert !== '',
    webDir: WEB_DIR,
    version,
    health: () => judgeHealth(broker.isConnected, snapshots.fresh(now())),
    metrics: () => toPrometheus(snapshots.fresh(now())),
    onFault: (error, id, path) => log.error({ err: error, id, path }, `a request failed: ${error.message}`),
    bindRoutes: (binder) => {
      bindFlows(binder, { archive, now })
      bindFilter(binder, {
        values: new ValueCache((work) => archive.ask(work), now),
        onFault: (error) => limitedLog('values', { err: error }, `no values of the last hour: ${error.message}`),
      })
      bindDays(binder, {
        archive,
        dataDir,
        now,
        timeZone,
        snapshots: new Gate(SNAPSHOT_FILES),
        onPruned: (day, user) => log.info({ day, user }, `${user} removed ${day}`),
      })
      bindRules(binder, { archive, snapshots, now, ruleFiles: config.rules })
      bindHealth(binder, { broker, snapshots, lags: new ConsumerLags(broker, now), sites, archive, now })
      bindServices(binder, { ask: createAskService(brokers, relay), now })
      bindAccess(binder, {
        access,
        signIn,
        version,
        basePath,
        now,
        onChange: (what, fields) => log.info(fields, `${fields.by ?? fields.user} ${what}`),
      })
    },
  })
  const served = own(
    await serveHttp({
      listen: config.listen,
      tlsCert: config.tlsCert,
      tlsKey: config.tlsKey,
      connections: config.connections,
      connectionsPerAddress: config.connectionsPerAddress,
      isProxy,
      counters: http,
      onRequest,
      onUpgrade: (request, stream, head) => void live.upgrade(request, stream, head),
      onTlsFault: (error) => log.error({ err: error }, `the new certificate is not taken: ${error.message}`),
    }),
  )
  own(live) // closed before the server, which waits for its sockets
  own(
    publishStats(broker, {
      app: 'search-gw',
      site: config.site,
      instance: config.instance,
      startedMs: now(),
      now,
      metrics: () => metrics.getMetricsAsJSON(),
      report: (): SearchGwReport => ({ sites: sites.report() }),
    }),
  )
  const made = await access.users.ensureAdmin()
  if (made)
    process.stderr.write(
      `first start: sign in at ${served.url}${basePath}/ as ${made.name} with the password ${made.password} (shown only now; "netbehave users passwd ${made.name}" makes another)\n`,
    )
  return { http: served.url }
})

function openUsers(dataDir: string, options: AccessOptions): Access {
  try {
    return openAccess(dataDir, options)
  } catch (error) {
    const reason = `${describeSystemError(error)} (${(error as Error).message})`
    throw new OperatorError(
      `the users of the console cannot be kept in ${dataDir}: ${reason}; name another folder with --data-dir`,
      {
        cause: error,
      },
    )
  }
}
