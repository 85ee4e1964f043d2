// How every app starts and stops, as a process of its own or as a worker thread of `netbehave up`.
// In: name, schema, the wiring. Out: exit code 0 stopped, 78 wrong configuration, 1 (or the error's own) when it failed.
import { isMainThread, parentPort } from 'node:worker_threads'
import { Registry } from 'prom-client'
import type { z } from 'zod'
import { type CommonConfig, ConfigError, loadConfig } from './config.ts'
import { collectGarbageOfStart } from './garbage-of-start.ts'
import { touchWhileAlive } from './health-file.ts'
import { createLimitedLog, createLog, type LimitedLog, type Log } from './log.ts'
import { printConfig } from './print-config.ts'
import { describeSystemError, fileExitCode } from './system-error.ts'

export const EXIT_CONFIG = 78
/** An orderly stop takes at most this long; what then still hangs is left behind and named. */
const STOP_MS = 10_000

/**
 * A fault that the operator can mend: one sentence that says what, where and what to do. Its exit code is the one that is
 * given, else that of a file or folder that caused it (73 cannot be made, 74 disk full or broken), else 1.
 */
export class OperatorError extends Error {
  override readonly name = 'OperatorError'
  readonly exitCode: number

  constructor(sentence: string, options: ErrorOptions & { exitCode?: number } = {}) {
    super(sentence, options)
    this.exitCode = options.exitCode ?? fileExitCode(options.cause) ?? 1
  }
}

export interface ServiceContext<C> {
  readonly config: C
  readonly log: Log
  readonly limitedLog: LimitedLog
  /** The app's metrics. */
  readonly metrics: Registry
  /** Epoch ms. */
  readonly now: () => number
  /** Keeps a resource until the stop; disposed in reverse order. Returns it. */
  own<T extends AsyncDisposable | Disposable>(resource: T): T
  /** Stops the whole app with this error: for faults that turn up after the start. */
  fail(error: Error): void
}

/** What a worker tells `netbehave up`. */
export type ServiceMessage =
  | { type: 'ready'; details: Record<string, unknown> }
  | {
      type: 'failed'
      sentence: string
      exitCode: number
      /** What is wrong with the configuration, where that is why. */
      findings?: readonly string[]
    }

/** Runs an app until it is told to stop. `start` returns what belongs on the ready line (bound addresses). */
export async function runService<S extends z.ZodObject>(
  name: string,
  schema: S,
  start: (context: ServiceContext<CommonConfig & z.infer<S>>) => Promise<Record<string, unknown> | undefined>,
): Promise<void> {
  const argv = process.argv.slice(2)
  const config = readConfig(name, schema, argv)
  if (config === undefined) return
  const log = createLog(name, config.logLevel)
  const stack: { resource: AsyncDisposable | Disposable }[] = []
  const stopping = Promise.withResolvers<Error | undefined>()
  const context = {
    config,
    log,
    limitedLog: createLimitedLog(log, Date.now),
    metrics: new Registry(),
    now: Date.now,
    own: <T extends AsyncDisposable | Disposable>(resource: T): T => {
      stack.push({ resource })
      return resource
    },
    fail: (error: Error) => stopping.resolve(error),
  }
  onStopRequest(() => stopping.resolve(undefined))
  process.on('uncaughtException', (error) => stopping.resolve(error))
  let failure: Error | undefined
  try {
    const started = start(context)
    const details = (await Promise.race([started, stopping.promise.then(rethrow)])) ?? {}
    // A worker's health is told by `netbehave up`.
    if (isMainThread) context.own(keepHealthFile(config.healthFile))
    if (isMainThread) log.info(details, 'ready')
    else parentPort?.postMessage({ type: 'ready', details } satisfies ServiceMessage)
    context.own(collectGarbageOfStart())
    failure = await stopping.promise
  } catch (error) {
    failure = error === STOPPED ? undefined : (error as Error)
  }
  await disposeAll(stack, log)
  finish(failure, log)
}

const STOPPED = new Error('stopped before it was ready')
const rethrow = (error: Error | undefined): never => {
  throw error ?? STOPPED
}

function keepHealthFile(path: string): Disposable {
  try {
    return touchWhileAlive(path)
  } catch (cause) {
    const why = describeSystemError(cause)
    throw new OperatorError(`the health file ${path} cannot be written: ${why}; name another with --health-file`, {
      cause,
    })
  }
}

function readConfig<S extends z.ZodObject>(
  name: string,
  schema: S,
  argv: string[],
): (CommonConfig & z.infer<S>) | undefined {
  const check = argv.includes('--check')
  const print = argv.includes('--print-config')
  try {
    const config = loadConfig(name, schema, {
      argv: argv.filter((flag) => flag !== '--check' && flag !== '--print-config'),
      env: process.env,
      otherSections: ['up'],
    })
    if (print) process.stdout.write(printConfig(name, schema, config))
    else if (check) process.stderr.write(`${name}: configuration is good\n`)
    return check || print ? undefined : config
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const sentence = `${name}: wrong configuration:\n${error.findings.map((finding) => `  ${finding}`).join('\n')}`
    if (isMainThread) process.stderr.write(`${sentence}\n`)
    else
      parentPort?.postMessage({
        type: 'failed',
        sentence,
        exitCode: EXIT_CONFIG,
        findings: error.findings,
      } satisfies ServiceMessage)
    process.exitCode = EXIT_CONFIG
    return undefined
  }
}

function onStopRequest(stop: () => void): void {
  if (isMainThread) {
    process.on('SIGTERM', stop)
    process.on('SIGINT', stop)
    return
  }
  parentPort?.on('message', (message: unknown) => {
    if ((message as { type?: string } | null)?.type === 'stop') stop()
  })
}

async function disposeAll(stack: { resource: AsyncDisposable | Disposable }[], log: Log): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      log.error(`stop took longer than ${STOP_MS / 1000} s; ${stack.length + 1} resources were left open`)
      resolve()
    }, STOP_MS)
  })
  const all = (async () => {
    for (let entry = stack.pop(); entry; entry = stack.pop()) {
      try {
        if (Symbol.asyncDispose in entry.resource) await entry.resource[Symbol.asyncDispose]()
        else entry.resource[Symbol.dispose]()
      } catch (error) {
        log.error({ err: error }, 'closing failed')
      }
    }
  })()
  await Promise.race([all, late])
  clearTimeout(timer)
}

function finish(failure: Error | undefined, log: Log): void {
  const exitCode = exitCodeOf(failure)
  if (failure !== undefined) {
    // `up` says the sentence of a worker; where a fault is ours the log has its stack besides.
    if (!(failure instanceof OperatorError)) log.error({ err: failure }, `failed: ${failure.message}`)
    else if (isMainThread) log.error(failure.message)
    if (!isMainThread)
      parentPort?.postMessage({ type: 'failed', sentence: failure.message, exitCode } satisfies ServiceMessage)
  }
  process.exit(exitCode)
}

function exitCodeOf(failure: Error | undefined): number {
  if (failure === undefined) return 0
  return failure instanceof OperatorError ? failure.exitCode : (fileExitCode(failure) ?? 1)
}
