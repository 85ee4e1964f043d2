// Works the queue off: one question at a time for each registry, all registries side by side. In: what waits. Out: rows of the store.
// Stop: questions under way are broken off; what waits is forgotten and comes again with the next flow.
import { setTimeout as delay } from 'node:timers/promises'
import { REGISTRIES, type Registry } from '@netbehave/schema'
import type { LimitedLog } from '@netbehave/service'
import type { AddressRange } from './address-range.ts'
import type { Answer, AskProblem, Question } from './ask.ts'
import type { Authority } from './bootstrap.ts'
import type { HolderStore } from './holder-store.ts'
import type { Pace } from './pace.ts'
import type { Queue, Waiting } from './queue.ts'

export interface WorkCounters {
  /** Answers with a holder, and answers that there is none. */
  readonly answers: { network: number; none: number }
  /** Questions put off because the registry is busy or away. */
  busy: number
  /** Answered by a block that came meanwhile. */
  answeredMeanwhile: number
  /** Addresses that are not asked for again for a while. */
  rested: number
  /** Answers that the disk did not take. */
  storeFailures: number
  readonly problems: Map<AskProblem, number>
}

export const createWorkCounters = (): WorkCounters => ({
  answers: { network: 0, none: 0 },
  busy: 0,
  answeredMeanwhile: 0,
  rested: 0,
  storeFailures: 0,
  problems: new Map(),
})

export interface WorkOptions {
  readonly queue: Queue
  readonly store: HolderStore
  readonly pace: Pace
  readonly ask: (question: Question, to: Authority, signal: AbortSignal) => Promise<Answer>
  /** Something new is known of these addresses. */
  readonly onNews: (range: AddressRange) => void
  readonly counters: WorkCounters
  readonly limitedLog: LimitedLog
  readonly now: () => number
  readonly restMs?: number
  readonly maxAttempts?: number
}

export interface Work extends AsyncDisposable {
  /** There is something in the queue for a registry. */
  wake(registry: Registry): void
}

/** An address whose answer cannot be used is asked for again after this. */
const REST_MS = 3_600_000
/** So often an address is tried when its registry is busy or away, before it rests too. */
const MAX_ATTEMPTS = 5

export function startWork(options: WorkOptions): Work {
  const { queue, store, pace, counters, limitedLog, now, restMs = REST_MS, maxAttempts = MAX_ATTEMPTS } = options
  const stop = new AbortController()
  const running = new Map<Registry, Promise<void>>()

  function wake(registry: Registry): void {
    if (stop.signal.aborted || running.has(registry)) return
    const run = workOff(registry)
      .catch((error: Error) => {
        if (!stop.signal.aborted) throw error
      })
      .finally(() => running.delete(registry))
    running.set(registry, run)
  }

  async function workOff(registry: Registry): Promise<void> {
    while (queue.sizeOf(registry) > 0) {
      for (let waitMs = pace.delayMs(registry); waitMs > 0; waitMs = pace.delayMs(registry))
        await delay(waitMs, undefined, { signal: stop.signal })
      const waiting = queue.take(registry)
      if (waiting === undefined) return
      if (store.find(waiting.address) !== undefined) {
        counters.answeredMeanwhile++
        queue.done(waiting)
        continue
      }
      const answer = await options.ask(waiting, waiting.authority, stop.signal)
      if (stop.signal.aborted) return
      try {
        settle(waiting, answer)
      } catch (error) {
        counters.storeFailures++
        limitedLog('store', { err: error, step: 'store' }, `cannot keep an answer: ${(error as Error).message}`)
        queue.rest(waiting, now() + restMs)
      }
    }
  }

  function settle(waiting: Waiting, answer: Answer): void {
    if (answer.kind === 'network' || answer.kind === 'none') {
      counters.answers[answer.kind]++
      if (answer.kind === 'network') store.put(answer.network, answer.registry)
      else store.putNone(waiting.address, answer.registry)
      options.onNews(answer.kind === 'network' ? answer.network : { start: waiting.address, end: waiting.address })
      queue.done(waiting)
      return
    }
    const attempts = waiting.attempts + 1
    if (answer.kind === 'busy') counters.busy++
    else counters.problems.set(answer.problem, (counters.problems.get(answer.problem) ?? 0) + 1)
    const isLast = answer.kind === 'problem' || attempts >= maxAttempts
    limitedLog(
      `ask-${answer.registry}-${answer.kind}`,
      { registry: answer.registry, step: 'ask', ...(answer.kind === 'problem' && { problem: answer.problem }) },
      `${answer.registry} gave no usable answer: ${answer.why}; the address is asked for again later`,
    )
    if (isLast) {
      counters.rested++
      queue.rest(waiting, now() + restMs)
    } else queue.again(waiting, attempts)
  }

  return {
    wake,
    async [Symbol.asyncDispose]() {
      stop.abort()
      await Promise.all(running.values())
    },
  }
}

/** Wakes the work of every registry. */
export const wakeAll = (work: Work): void => {
  for (const registry of REGISTRIES) work.wake(registry)
}
