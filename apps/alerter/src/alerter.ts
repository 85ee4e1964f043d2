// The line of steps: subscribe ▸ evaluate ▸ throttle ▸ deliver. An event becomes rows of the outbox in one transaction, then it is
// acknowledged; the rows are sent in their own time. Owns the timer that closes digests and tidies.
import type { StatsSnapshot } from '@netbehave/schema'
import type { LimitedLog, Log } from '@netbehave/service'
import type { Database } from '@netbehave/sqlite'
import { DEFAULT_ALERTS } from './alert-config.ts'
import { configuredChannels } from './channel-config.ts'
import type { AlerterConfig } from './config.ts'
import type { AlerterCounters } from './counters.ts'
import type { Channel } from './deliver/channel.ts'
import { createDeliverer, type Deliverer } from './deliver/deliverer.ts'
import { describe } from './describe.ts'
import { createDigests, type Digests } from './digests.ts'
import { createEvaluate } from './evaluate.ts'
import { LIMITS, type Limits } from './limits.ts'
import { LossMeter } from './loss-meter.ts'
import type { Notice } from './notice.ts'
import { createOutbox, type Outbox } from './outbox.ts'
import { parseQuietHours, quietUntil } from './quiet-hours.ts'
import type { AlertEvent } from './read-event.ts'
import { createStore, type Store } from './store.ts'
import { createThrottle } from './throttle.ts'
import { type Finding, watchLoss } from './watch-loss.ts'
import { StorageWatch } from './watch-storage.ts'

export interface AlerterOptions {
  readonly config: AlerterConfig
  readonly db: Database
  readonly channels: readonly Channel[]
  readonly counters: AlerterCounters
  readonly log: Pick<Log, 'error' | 'info'>
  readonly limitedLog: LimitedLog
  readonly now: () => number
  readonly limits?: Partial<Limits>
  /** How often digests and the outbox are looked at. */
  readonly tickMs?: number
}

export interface Alerter extends AsyncDisposable {
  readonly outbox: Outbox
  readonly digests: Digests
  readonly store: Store
  readonly deliverer: Deliverer
  /** Takes events in, all or none. Throws SQLite's errors. */
  takeIn(events: readonly AlertEvent[]): void
  onSnapshot(snapshot: StatsSnapshot): void
  /** Closes digests whose time has come; done by a timer. */
  tick(): void
  /** Null: the learning window is over. */
  learningUntilMs(): number | null
  /** Ends the learning window; how many messages went into its digest. */
  learned(): number
}

const TICK_MS = 1_000
const TIDY_EVERY_TICKS = 60

export function createAlerter(options: AlerterOptions): Alerter {
  const { config, db, channels, counters, log, limitedLog, now, tickMs = TICK_MS } = options
  const limits = { ...LIMITS, ...options.limits }
  const { timeZone } = config
  const store = createStore(db, limits, counters)
  const outbox = createOutbox(db, limits, counters)
  const digests = createDigests(db, limits, counters, timeZone)
  const evaluate = createEvaluate(config.alerts.length > 0 ? config.alerts : DEFAULT_ALERTS, configuredChannels(config))
  const quietHours = config.quietHours === '' ? undefined : parseQuietHours(config.quietHours)
  const quietUntilMs = (nowMs: number) => quietUntil(quietHours, timeZone, nowMs)
  let learningEndMs = store.learningUntilMs(config.learningMs, now())
  if (config.learningMs === 0 && learningEndMs > now()) endLearning(now())
  const throttle = createThrottle({
    ...{ db, outbox, digests, counters, limits, quietUntilMs },
    gatherMs: config.gatherMs,
    digestIntervalMs: config.digestIntervalMs,
    learningUntilMs: () => learningEndMs,
  })
  const deliverer = createDeliverer({
    ...{ channels, outbox, counters, limitedLog, now, pollMs: Math.min(tickMs, 500) },
    sendTimeoutMs: config.sendTimeoutMs,
    giveUpMs: config.giveUpMs,
    maxRetryMs: config.maxRetryMs,
  })
  const meter = new LossMeter(config.lossWindowMs, limits.watched)
  const storage = new StorageWatch({ ...config, limit: limits.watched })
  let ticks = 0
  const timer = setInterval(() => tryTo('look after digests', tick), tickMs)
  timer.unref()

  function takeIn(events: readonly AlertEvent[]): void {
    const nowMs = now()
    atOnce(() => {
      for (const event of events) {
        if (store.addEvent(event.id, nowMs)) for (const notice of describeNow(event, nowMs)) tell(notice, nowMs)
        else counters.repeatedEvents++
      }
    })
    counters.events += events.length
  }

  const describeNow = (event: AlertEvent, nowMs: number): Notice[] =>
    describe(event, { timeZone, isNewVendor: (vendor) => store.addVendor(vendor, nowMs) })

  function tell(notice: Notice, nowMs: number): void {
    const { wanted, missing } = evaluate(notice)
    const { about } = notice
    if (about && wanted.length > 0 && store.isMuted(about.target, about.value, nowMs)) {
      counters.muted++
      return
    }
    for (const one of wanted) throttle.tell(notice, one, nowMs)
    for (const channel of missing) {
      counters.noChannel++
      const { rule } = notice.facts
      limitedLog(
        'channel',
        { channel, rule },
        `rule ${rule} alerts by ${channel}, which has no address in alerter.${channel}`,
      )
    }
  }

  function onSnapshot(snapshot: StatsSnapshot): void {
    counters.snapshots++
    const nowMs = now()
    const findings = storage.onSnapshot(snapshot, nowMs)
    if (snapshot.app === 'collector') findings.push(...watchLoss(snapshot, meter, config, nowMs))
    counters.unwatched = meter.unwatched + storage.unwatched
    onFindings(findings, nowMs)
  }

  /** A trouble is told when it begins, and again only after it was over. */
  function onFindings(findings: readonly Finding[], nowMs: number): void {
    if (findings.length === 0) return
    tryTo('keep troubles', () =>
      atOnce(() => {
        for (const { key, begin } of findings) {
          if (!begin) store.endTrouble(key)
          else if (store.beginTrouble(key, nowMs)) tell(begin(`${key} ${nowMs}`), nowMs)
        }
      }),
    )
  }

  function tick(): void {
    const nowMs = now()
    const quietMs = quietUntilMs(nowMs)
    atOnce(() => {
      for (const digest of digests.due(nowMs)) {
        if (quietMs !== undefined && digest.severity !== 'critical') digests.postpone(digest, quietMs)
        else outbox.add(digests.close(digest, nowMs))
      }
    })
    onFindings(storage.onTick(nowMs), nowMs)
    if (++ticks % TIDY_EVERY_TICKS !== 0) return
    atOnce(() => {
      store.tidy(nowMs)
      outbox.tidy()
      throttle.tidy(nowMs)
    })
    meter.tidy(nowMs)
  }

  function learned(): number {
    const nowMs = now()
    let total = 0
    atOnce(() => {
      endLearning(nowMs)
      for (const { total: n } of digests.open().filter(({ reason }) => reason === 'learning'))
        total = Math.max(total, n)
      // Somebody asked for it, so it does not wait for the end of quiet hours.
      for (const digest of digests.of('learning')) outbox.add(digests.close(digest, nowMs))
    })
    log.info({ learned: total }, 'the learning window is over: what is new is told from now on')
    return total
  }

  function endLearning(nowMs: number): void {
    store.endLearning(nowMs)
    learningEndMs = nowMs
  }

  function atOnce(change: () => void): void {
    try {
      db.transaction(change).immediate()
    } catch (error) {
      outbox.recount()
      throw error
    }
  }

  /** What is not done now is done at the next turn. */
  function tryTo(what: string, work: () => void): void {
    try {
      work()
    } catch (error) {
      counters.storeFailures++
      limitedLog('store', { err: error }, `cannot ${what}, trying again: ${(error as Error).message}`)
    }
  }

  return {
    ...{ outbox, digests, store, deliverer, takeIn, onSnapshot, tick, learned },
    learningUntilMs: () => (learningEndMs > now() ? learningEndMs : null),
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await deliverer[Symbol.asyncDispose]()
    },
  }
}
