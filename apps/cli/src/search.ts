// Flows of the past: asks the archive on disk, prints what it finds. In: a filter, a span of time. Fails: CommandError.
import { existsSync } from 'node:fs'
import { type History, openHistory, type Query, type SumQuery } from '@netbehave/history'
import type { FlowOptions, SpanOptions } from './commands/flow-options.ts'
import { chooseDataDir } from './data-dir.ts'
import type { Environment } from './environment.ts'
import { CommandError, EXIT } from './exit-codes.ts'
import { createFlowWriter } from './output/flow-writer.ts'
import { countOf } from './output/numbers.ts'
import { createProgress } from './output/progress.ts'
import { readFilter } from './read-filter.ts'

export interface SearchOptions extends FlowOptions, SpanOptions {
  order?: 'newest' | 'oldest' | 'any'
  count?: boolean
  scaled?: boolean
}

/** Lines that a person reads. */
const DEFAULT_LINES = 1000

export async function search(
  words: readonly string[],
  options: SearchOptions,
  environment: Environment,
): Promise<void> {
  const { data, count, timeout, from, to, scaled } = options
  checkSpan(options)
  const filter = readFilter(words, options, environment)
  const query: Query = { filter, fromMs: from, toMs: to, signal: environment.stop }
  const dataDir = await chooseDataDir(data, environment)
  requireArchive(dataDir)
  await using history = openHistory({ dataDir, timeLimitMs: timeout * 1000 })
  try {
    if (count) await printCount(history, { ...query, scaled }, environment)
    else await printFlows(history, query, options, environment)
  } catch (error) {
    if (environment.stop.aborted) throw new CommandError('', EXIT.interrupted)
    throw explain(error, timeout)
  }
}

/** Throws CommandError when nothing can be between --from and --to. */
export function checkSpan({ from, to }: SpanOptions): void {
  if (from === undefined || to === undefined || from < to) return
  throw new CommandError('--from is not before --to: nothing can be between them', EXIT.usage)
}

/** An archive may be empty; a folder that is not there is a slip of the pen. Throws CommandError. */
export function requireArchive(dataDir: string): void {
  if (existsSync(dataDir)) return
  throw new CommandError(`there is no data in ${dataDir}: no such folder; name it with --data`, EXIT.noInput)
}

/** Where some flows were sampled, it also says how many and whether their counters were multiplied. */
async function printCount(history: History, query: SumQuery, { stdout, stderr, now }: Environment): Promise<void> {
  using progress = createProgress(stderr, now)
  const timer = setInterval(() => progress.show(() => 'counting'), 500)
  try {
    const sums = await history.count(query)
    const scale = query.scaled || sums.sampledFlows !== undefined ? { scaled: query.scaled ?? false } : {}
    progress[Symbol.dispose]()
    stdout.write(`${JSON.stringify({ ...sums, ...scale })}\n`)
  } finally {
    clearInterval(timer)
  }
}

async function printFlows(
  history: History,
  query: Query,
  options: SearchOptions,
  environment: Environment,
): Promise<void> {
  const { stdout, stderr, now } = environment
  const { output } = options
  const isForPeople = output === 'line' || output === 'wide'
  const limit = options.limit ?? (isForPeople ? DEFAULT_LINES : undefined)
  const order = options.order ?? (limit === undefined ? 'any' : 'newest')
  using progress = createProgress(stderr, now)
  const timer = setInterval(() => progress.show(() => 'searching'), 500)
  const writer = await createFlowWriter(output, stdout)
  let found = 0
  try {
    for await (const flow of history.search({ ...query, limit, order })) {
      found++
      // On a terminal the lines themselves are the progress.
      if (!stdout.isTTY) progress.show(() => countOf(found, 'flow'))
      clearInterval(timer)
      await writer.write(flow)
    }
  } finally {
    clearInterval(timer)
    progress[Symbol.dispose]()
    await writer.flush()
  }
  if (found === 0 && isForPeople && stderr.isTTY) stderr.write('no flow matches\n')
  if (options.limit === undefined && found === limit) {
    stderr.write(`the ${order} ${countOf(found, 'flow')}; --limit N prints more\n`)
  }
}

/** What the archive throws, as a sentence with a remedy. */
export function explain(error: unknown, timeoutSeconds = 0): unknown {
  const { name, message } = error as Error
  if (name === 'TopError' || name === 'DayError') return new CommandError(message, EXIT.usage, { cause: error })
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
