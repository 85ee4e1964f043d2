// Flows of the past: asks the archive on disk, prints what it finds. In: conditions. Fails: CommandError.
import { existsSync } from 'node:fs'
import { type History, openHistory, type SearchQuery } from '@netbehave/history'
import { chooseDataDir } from './data-dir.ts'
import type { Environment } from './environment.ts'
import { CommandError, EXIT } from './exit-codes.ts'
import { createFlowWriter, type FlowFormat } from './output/flow-writer.ts'
import { formatCount } from './output/numbers.ts'
import { createProgress } from './output/progress.ts'

export interface SearchOptions {
  data?: string
  src?: string
  dst?: string
  ip?: string
  port?: number
  protocol?: number
  from?: number
  to?: number
  limit?: number
  order?: 'newest' | 'oldest' | 'any'
  count?: boolean
  output: FlowFormat
  /** Seconds. */
  timeout: number
}

/** Lines that a person reads. */
const DEFAULT_LINES = 1000

export async function search(options: SearchOptions, environment: Environment): Promise<void> {
  const { data, count, timeout, from, to } = options
  if (from !== undefined && to !== undefined && from >= to) {
    throw new CommandError('--from is not before --to: nothing can be between them', EXIT.usage)
  }
  const dataDir = await chooseDataDir(data, environment)
  requireArchive(dataDir)
  await using history = openHistory({ dataDir, timeLimitMs: timeout * 1000 })
  try {
    if (count) await printCount(history, options, environment)
    else await printFlows(history, options, environment)
  } catch (error) {
    if (environment.stop.aborted) throw new CommandError('', EXIT.interrupted)
    throw explain(error, timeout)
  }
}

/** An archive may be empty; a folder that is not there is a slip of the pen. Throws CommandError. */
export function requireArchive(dataDir: string): void {
  if (existsSync(dataDir)) return
  throw new CommandError(`there is no data in ${dataDir}: no such folder; name it with --data`, EXIT.noInput)
}

function toQuery({ src, dst, ip, port, protocol, from, to }: SearchOptions, signal: AbortSignal): SearchQuery {
  return { src, dst, ip, port, protocol, fromMs: from, toMs: to, signal }
}

async function printCount(history: History, options: SearchOptions, { stdout, stop }: Environment): Promise<void> {
  const { flows, bytes, packets } = await history.count(toQuery(options, stop))
  stdout.write(`${JSON.stringify({ flows, bytes, packets })}\n`)
}

async function printFlows(history: History, options: SearchOptions, environment: Environment): Promise<void> {
  const { stdout, stderr, stop, now } = environment
  const { output } = options
  const isForPeople = output === 'line' || output === 'wide'
  const limit = options.limit ?? (isForPeople ? DEFAULT_LINES : undefined)
  const order = options.order ?? (limit === undefined ? 'any' : 'newest')
  using progress = createProgress(stderr, now)
  const timer = setInterval(() => progress.show(() => 'searching'), 500)
  const writer = await createFlowWriter(output, stdout)
  let found = 0
  try {
    for await (const flow of history.search({ ...toQuery(options, stop), limit, order })) {
      found++
      // On a terminal the lines themselves are the progress.
      if (!stdout.isTTY) progress.show(() => `${formatCount(found)} flows`)
      clearInterval(timer)
      await writer.write(flow)
    }
  } finally {
    clearInterval(timer)
    progress[Symbol.dispose]()
    await writer.flush()
  }
  if (options.limit === undefined && found === limit) {
    stderr.write(`the ${order} ${formatCount(found)} flows; --limit N prints more\n`)
  }
}

/** What the archive throws, as a sentence with a remedy. */
export function explain(error: unknown, timeoutSeconds = 0): unknown {
  const { name, message } = error as Error
  if (name === 'ConditionError' || name === 'DayError') return new CommandError(message, EXIT.usage, { cause: error })
  if (name === 'NoSuchDayError') return new CommandError(message, EXIT.noInput, { cause: error })
  if (name === 'QueryTimeoutError') {
    const sentence = `the search took longer than ${timeoutSeconds} s; narrow it with --from and --to, or give it more with --timeout SECONDS`
    return new CommandError(sentence, EXIT.failed, { cause: error })
  }
  if ((error as { code?: string }).code?.startsWith('SQLITE_')) {
    return new CommandError(`the archive's catalogue cannot be read: ${message}`, EXIT.io, { cause: error })
  }
  return error
}
