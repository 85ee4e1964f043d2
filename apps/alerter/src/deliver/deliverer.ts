// Step deliver: one loop for each channel, one message at a time, so that a crash repeats at most one. In: rows of the outbox whose time
// has come. Out: sent, or undelivered after days, never nothing. Fails: never; what a channel does not take is tried again.
import type { AlertChannel } from '@netbehave/schema'
import type { LimitedLog } from '@netbehave/service'
import type { AlerterCounters } from '../counters.ts'
import type { Outbox, WaitingDelivery } from '../outbox.ts'
import { type Channel, DeliveryError, type Message } from './channel.ts'

export interface DelivererOptions {
  readonly channels: readonly Channel[]
  readonly outbox: Outbox
  readonly counters: AlerterCounters
  readonly limitedLog: LimitedLog
  readonly now: () => number
  readonly sendTimeoutMs: number
  /** A message that waited for so long is given up. */
  readonly giveUpMs: number
  readonly maxRetryMs: number
  /** Wait after the first failure; doubled with each further one. */
  readonly firstRetryMs?: number
  /** How often the outbox is looked at. */
  readonly pollMs?: number
}

export interface ChannelState {
  readonly channel: AlertChannel
  readonly target: string
  /** Why it does not work now; empty: it does. */
  readonly error: string
}

export interface Deliverer extends AsyncDisposable {
  /** Looks at the outbox now; done by a timer. */
  poll(): void
  /** Looks at the outbox now, also for channels that are paused. */
  wake(): void
  /** Sends one message past the outbox. Throws DeliveryError; RangeError when there is no such channel. */
  test(channel: AlertChannel, message: Message): Promise<string>
  states(): ChannelState[]
  /** Resolves when nothing is on its way. */
  idle(): Promise<void>
}

const FIRST_RETRY_MS = 1_000
const POLL_MS = 500
const LONGEST_ERROR = 500
/** A stop waits so long for messages on their way: one that is cut off is sent again. */
const CLOSE_MS = 5_000

export function createDeliverer(options: DelivererOptions): Deliverer {
  const { channels, outbox, counters, limitedLog, now, pollMs = POLL_MS, firstRetryMs = FIRST_RETRY_MS } = options
  const stop = new AbortController()
  let stopping = false
  const loops = channels.map((channel) => createLoop(channel))
  const timer = setInterval(poll, pollMs)
  timer.unref()

  function poll(): void {
    for (const loop of loops) loop.begin()
  }

  function createLoop(channel: Channel) {
    let failures = 0
    let pausedUntilMs = 0
    let error = ''
    let running: Promise<void> | undefined

    /** Taken by the channel, and not yet written down: the database was away. */
    let unwritten: { row: WaitingDelivery; remark: string | undefined } | undefined

    async function run(): Promise<void> {
      writeDown()
      while (!stopping && now() >= pausedUntilMs) {
        const row = outbox.nextDue(channel.name, now())
        if (!row) return
        const remark = await send(row)
        if (remark instanceof DeliveryError) {
          // Cut off by our own stop: as if it had not been tried.
          if (!stop.signal.aborted) onFailure(row, remark)
          continue
        }
        unwritten = { row, remark }
        writeDown()
        failures = 0
        error = ''
      }
    }

    async function send(row: WaitingDelivery): Promise<string | undefined | DeliveryError> {
      try {
        return await channel.send(toMessage(row), timeLimit())
      } catch (failure) {
        if (failure instanceof DeliveryError) return failure
        return new DeliveryError('message', `cannot be sent: ${(failure as Error).message}`, { cause: failure })
      }
    }

    function writeDown(): void {
      if (!unwritten) return
      const { row, remark } = unwritten
      outbox.sent(row, now(), remark)
      unwritten = undefined
      counters.sent[channel.name]++
      if (remark !== undefined) limitedLog(`remark ${channel.name}`, { channel: channel.name, key: row.key }, remark)
    }

    function onFailure(row: WaitingDelivery, { of, message }: DeliveryError): void {
      counters.failures[channel.name]++
      const told = message.slice(0, LONGEST_ERROR)
      const nowMs = now()
      const isOver = nowMs - row.sinceMs >= options.giveUpMs
      if (of === 'channel') {
        failures++
        error = told
        pausedUntilMs = nowMs + backOff(failures)
      }
      if (isOver) {
        outbox.giveUp(row, told, nowMs)
        counters.undelivered[channel.name]++
      } else outbox.failed(row, told, nowMs + (of === 'message' ? backOff(row.tries + 1) : 0))
      const what = isOver ? 'is given up (netbehave alerts resend tries it again)' : 'is tried again'
      limitedLog(
        `failed ${channel.name}`,
        { step: 'deliver', channel: channel.name, key: row.key, tries: row.tries + 1 },
        `${channel.name}: "${row.subject}" was not taken and ${what}: ${told}`,
      )
    }

    return {
      begin(): void {
        running ??= run()
          .catch((failure: Error) => {
            // The database: the row is as it was, and is tried again.
            pausedUntilMs = now() + firstRetryMs
            limitedLog(
              'deliver',
              { err: failure },
              `cannot look after ${channel.name}: ${failure.message}; trying again`,
            )
          })
          .finally(() => {
            running = undefined
          })
      },
      wake(): void {
        pausedUntilMs = 0
        this.begin()
      },
      state: (): ChannelState => ({ channel: channel.name, target: channel.target, error }),
      ended: () => running,
    }
  }

  const timeLimit = (): AbortSignal => AbortSignal.any([AbortSignal.timeout(options.sendTimeoutMs), stop.signal])
  const backOff = (failures: number): number =>
    Math.min(firstRetryMs * 2 ** Math.min(failures - 1, 30), options.maxRetryMs)

  return {
    poll,
    wake() {
      for (const loop of loops) loop.wake()
    },
    async test(name, message) {
      const channel = channels.find((candidate) => candidate.name === name)
      if (!channel) throw new RangeError(`channel ${name} has no address`)
      const remark = await channel.send(message, timeLimit())
      return remark === undefined ? channel.target : `${channel.target} (${remark})`
    },
    async idle() {
      await Promise.all(loops.map((loop) => loop.ended()))
    },
    states: () => loops.map((loop) => loop.state()),
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      stopping = true
      const ended = Promise.all(loops.map((loop) => loop.ended()))
      const late = setTimeout(() => stop.abort(new Error('the alerter stops')), CLOSE_MS)
      await Promise.race([
        ended,
        new Promise((resolve) => stop.signal.addEventListener('abort', resolve, { once: true })),
      ])
      clearTimeout(late)
    },
  }
}

const toMessage = ({ key, kind, severity, site, atMs, subject, text, facts }: WaitingDelivery): Message => ({
  ...{ key, kind, severity, site, atMs, subject, text },
  facts: JSON.parse(facts),
})
