// One app as a worker thread: started, started again with growing pauses when it ends unasked, stopped when told.
// In: the app's main.ts, its environment. Talks `ServiceMessage` (libs/service) with it.
import type { Writable } from 'node:stream'
import { Worker } from 'node:worker_threads'
import type { AppName } from '@netbehave/schema'
import type { Log, ServiceMessage } from '@netbehave/service'
import { CommandError, EXIT } from '../exit-codes.ts'
import type { App } from './apps.ts'
import { type BackOffOptions, createBackOff } from './back-off.ts'
import { startWithHeapRoom } from './heap-room.ts'

export type ReadyDetails = Readonly<Record<string, unknown>>

export interface AppWorkerOptions {
  readonly app: App
  /** What it is called in sentences; default: the app's name. */
  readonly label?: string
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Log
  /** Takes what the app writes to its stdout, which is not ours to write on. */
  readonly output: Writable
  /** Told when the app ended unasked. */
  readonly onDeath: () => void
  /** Variables that a restart gets besides: the addresses that the first start found, so that others still reach it. */
  readonly keepAddresses?: (details: ReadyDetails) => Record<string, string>
  readonly startMs?: number
  readonly backOff?: BackOffOptions
}

export interface AppWorker {
  /** Resolves when the app is ready. Throws CommandError when it ends, or is not ready in time; it is not tried again. */
  start(): Promise<ReadyDetails>
  /** Tells it to stop and waits; what still runs after `withinMs` is ended. */
  stop(withinMs: number): Promise<void>
}

/** The first start on a slow or busy machine, where nothing is compiled yet, takes its time. */
const START_MS = 90_000
/**
 * Datagrams and batches are memory outside of the heap that V8 counts for it: without room the whole heap of 25 MB is collected
 * several times a second under load, a quarter of the time and more (docs/performance.md). Idle it stays as small as without.
 */
const HEAP_ROOM_MB: Partial<Record<AppName, number>> = { collector: 256, enricher: 256 }

export function createAppWorker(options: AppWorkerOptions): AppWorker {
  const { app, log, label = app.name } = options
  const backOff = createBackOff(options.backOff)
  let kept: Record<string, string> = {}
  let worker: Worker | undefined
  let ended: Promise<unknown> = Promise.resolve()
  let restart: NodeJS.Timeout | undefined
  let stopping = false

  /** One life of the app: `ready` settles when it is ready or ended before. */
  function run(): Promise<ReadyDetails> {
    const ready = Promise.withResolvers<ReadyDetails>()
    const startedAt = performance.now()
    let isReady = false
    let lastWords: { sentence: string; exitCode: number } | undefined
    const startThread = () =>
      new Worker(app.main, {
        name: label,
        argv: [...options.argv],
        env: { ...options.env, ...kept },
        stdout: true,
      })
    const thread = startWithHeapRoom(HEAP_ROOM_MB[app.name] ?? 0, startThread)
    worker = thread
    thread.stdout.on('data', (bytes: Uint8Array) => options.output.write(bytes))
    thread.on('message', (message: ServiceMessage) => {
      if (message.type === 'failed') lastWords = message
      if (message.type !== 'ready') return
      isReady = true
      kept = options.keepAddresses?.(message.details) ?? {}
      ready.resolve(message.details)
    })
    thread.on('error', (error: Error) => {
      lastWords ??= { sentence: `${label}: ${error.message}`, exitCode: EXIT.failed }
      log.error({ err: error, app: app.name }, `${label} failed: ${error.message}`)
    })
    const late = setTimeout(() => {
      lastWords ??= { sentence: `${label} was not ready in time`, exitCode: EXIT.failed }
      void thread.terminate()
    }, options.startMs ?? START_MS)
    void ready.promise.then(
      () => clearTimeout(late),
      () => clearTimeout(late),
    )
    ended = new Promise((resolve) => {
      thread.once('exit', (code) => {
        const { sentence, exitCode } = lastWords ?? {
          sentence: `${label} ended with code ${code} before it was ready`,
          exitCode: code || EXIT.failed,
        }
        ready.reject(new CommandError(sentence, exitCode))
        resolve(code)
        if (isReady) onEnd(code, performance.now() - startedAt, lastWords?.sentence)
      })
    })
    return ready.promise
  }

  function onEnd(code: number, ranMs: number, sentence: string | undefined): void {
    if (stopping) return
    options.onDeath()
    const waitMs = backOff.next(ranMs)
    const why = sentence === undefined ? '' : `: ${sentence}`
    log.error({ app: app.name, code, waitMs }, `${label} ended unasked${why}; starting it again in ${waitMs / 1000} s`)
    restart = setTimeout(startAgain, waitMs)
  }

  function startAgain(): void {
    const startedAt = performance.now()
    run().then(
      () => log.info({ app: app.name }, `${label} runs again`),
      (error: CommandError) => {
        if (stopping) return
        const waitMs = backOff.next(performance.now() - startedAt)
        log.error({ app: app.name, waitMs }, `${error.message}; trying again in ${waitMs / 1000} s`)
        restart = setTimeout(startAgain, waitMs)
      },
    )
  }

  return {
    start: run,
    async stop(withinMs) {
      stopping = true
      clearTimeout(restart)
      worker?.postMessage({ type: 'stop' })
      const late = setTimeout(() => {
        log.error({ app: app.name }, `${label} did not stop within ${(withinMs / 1000).toFixed(1)} s; ending it`)
        void worker?.terminate()
      }, withinMs)
      await ended
      clearTimeout(late)
    },
  }
}
