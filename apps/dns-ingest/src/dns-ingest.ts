// The line of steps: tail ▸ parse ▸ join ▸ store ▸ publish, and the service beside it; or, at a site, tail ▸ parse ▸ join ▸ send.
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { type Broker, type Service, serve } from '@netbehave/broker'
import { type CommonConfig, type LimitedLog, type Log, OperatorError } from '@netbehave/service'
import { type Database, openDatabase } from '@netbehave/sqlite'
import type { DnsIngestConfig } from './config.ts'
import { type Follower, follow, type TakeBatch } from './follow.ts'
import { createKeep } from './keep.ts'
import { createLookUp } from './look-up.ts'
import { createStoreCounters, type DnsIngestMetrics } from './metrics.ts'
import { createReplyEvents } from './publish.ts'
import { RunCache } from './run-cache.ts'
import { createSend } from './send.ts'
import { createEndpoints } from './service.ts'
import { createStore } from './store.ts'
import { createTails } from './tails.ts'

export interface DnsIngestNeighbours {
  readonly config: CommonConfig & DnsIngestConfig
  readonly log: Log
  readonly limitedLog: LimitedLog
  readonly now: () => number
  /** Connects as a role; whoever connects closes. */
  readonly connect: (role: 'dns-ingest' | 'dns-service' | 'dns-events') => Broker
  readonly version: string
  /** Stops the whole app. */
  readonly fail: (error: Error) => void
}

export interface DnsIngest extends AsyncDisposable {
  readonly metrics: DnsIngestMetrics
  /** For stats. */
  readonly reports: Broker
  /** Resolves when logs are read. */
  readonly begun: Promise<void>
}

const MIGRATIONS = join(import.meta.dirname, '../migrations')
const PRUNE_INTERVAL_MS = 600_000
/** Reading of logs waits so long for the broker, so that what is told at the start is heard. */
const BROKER_WAIT_MS = 2000

export function createDnsIngest({
  config,
  log,
  limitedLog,
  now,
  connect,
  version,
  fail,
}: DnsIngestNeighbours): DnsIngest {
  const isLocal = config.mode !== 'ingest'
  const db = openDatabase(join(config.dataDir, 'dns', isLocal ? 'dns.sqlite3' : 'ingest.sqlite3'), MIGRATIONS, {
    onSetAside: ({ path, reason }) =>
      log.error({ path, reason }, `the names database is damaged and was set aside as ${path}: ${reason}`),
  })
  const tails = createTails(db)
  /** For events and stats; the role that serves or asks may not publish. */
  const reports = connect('dns-events')
  const opened = isLocal ? openStore(db) : openSend()

  function openStore(database: Database) {
    const broker = connect('dns-service')
    const counters = createStoreCounters()
    const cache = new RunCache(config.cacheMax)
    const events = createReplyEvents(reports, randomUUID(), now)
    const { keepRows, keepDays } = config
    const store = createStore({ db: database, cache, counters, now, keepRows, keepDays, onTold: events.publish })
    store.prune()
    const timer = setInterval(() => prune(store.prune), PRUNE_INTERVAL_MS)
    timer.unref()
    const endpoints = createEndpoints({
      db: database,
      store,
      cache,
      lookUp: createLookUp(database, cache),
      events,
      counters,
      keepRows,
    })
    const description = 'names that clients asked for, and what they were told'
    const service: Service = serve(broker, log, endpoints, { version, description })
    const parts = { counters, store, cache, events, service, brokers: [broker, reports] }
    return { take: createKeep(store, config.site, tails), parts, timer }
  }

  function openSend() {
    const broker = connect('dns-ingest')
    const parts = { counters: createStoreCounters(), brokers: [broker, reports], service: undefined }
    const take: TakeBatch = createSend(broker, config.site, tails, limitedLog)
    return { take, parts, timer: undefined }
  }

  function prune(run: () => void): void {
    try {
      run()
    } catch (error) {
      limitedLog('prune', { err: error }, `old names cannot be removed: ${(error as Error).message}`)
    }
  }

  const { take } = opened
  const begin = Promise.race([
    Promise.allSettled(opened.parts.brokers.map(({ connected }) => connected)),
    delay(BROKER_WAIT_MS),
  ])
  const followers: Follower[] = (config.mode === 'cache' ? [] : config.logs).map((logConfig) =>
    follow({ config: logConfig, tails, take, begin, now, pollMs: config.pollMs, log, limitedLog, fail }),
  )
  return {
    metrics: { followers, ...opened.parts },
    reports,
    begun: begin.then(() => {}),
    async [Symbol.asyncDispose]() {
      clearInterval(opened.timer)
      await Promise.all(followers.map((follower) => follower[Symbol.asyncDispose]()))
      await opened.parts.service?.[Symbol.asyncDispose]()
      db.close()
    },
  }
}

const delay = (ms: number): Promise<unknown> => new Promise((resolve) => void setTimeout(resolve, ms).unref())

/** Throws OperatorError when two entries name one file, or an ingest has nothing to read. */
export function checkLogs({ logs, mode }: DnsIngestConfig): void {
  const twice = logs.find(({ file }, i) => logs.findIndex((other) => other.file === file) !== i)
  if (twice) throw new OperatorError(`dns-ingest.logs names ${twice.file} twice; name it once`, { exitCode: 78 })
  if (mode === 'ingest' && logs.length === 0)
    throw new OperatorError('dns-ingest.mode is ingest and there is no log; name one in dns-ingest.logs', {
      exitCode: 78,
    })
}
