// The days of the archive: list, show, verify, export, prune. Works on the disk, beside a running copy or without one.
// Fails: CommandError.
import { accessSync, constants, statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import {
  createDayClock,
  type DaySummary,
  type DayVerdict,
  type ExportFormat,
  type History,
  hostTimeZone,
  isDay,
  openCatalog,
  openHistory,
  paths,
} from '@netbehave/history'
import { chooseDataDir } from './data-dir.ts'
import type { Environment } from './environment.ts'
import { CommandError, describeSystemError, EXIT, systemCode, writeExitCode } from './exit-codes.ts'
import { countOf, formatBytes, formatCount, formatTime } from './output/numbers.ts'
import { createProgress } from './output/progress.ts'
import { formatTable, type TableColumn } from './output/table.ts'
import { readFilter } from './read-filter.ts'
import { findRunningCopy } from './run-file.ts'
import { explain, requireArchive } from './search.ts'

export interface DayOptions {
  data?: string
  output?: 'table' | 'json'
}

export interface ExportDayOptions {
  data?: string
  to?: string
  format?: ExportFormat
}

export interface PruneOptions {
  data?: string
  before?: string
  keep?: number
  dryRun?: boolean
}

const DAY_MS = 86_400_000

const COLUMNS: readonly TableColumn<DaySummary>[] = [
  { heading: 'DAY', value: ({ day }) => day },
  { heading: 'FLOWS', value: ({ flows }) => formatCount(flows), align: 'right' },
  { heading: 'BYTES', value: ({ bytes }) => formatBytes(bytes), align: 'right' },
  { heading: 'PACKETS', value: ({ packets }) => formatCount(packets), align: 'right' },
  { heading: 'FILES', value: ({ files }) => files, align: 'right' },
  { heading: 'ON DISK', value: ({ diskBytes }) => formatBytes(diskBytes), align: 'right' },
  { heading: 'CLOSED', value: ({ closed }) => (closed ? 'yes' : '') },
  { heading: 'DATABASE', value: ({ database }) => (database ? countOf(database.rows, 'row') : '') },
]

export async function listDays(options: DayOptions, environment: Environment): Promise<void> {
  await withHistory(options, environment, async (history) => {
    const days = history.days()
    if (options.output === 'json') environment.stdout.write(`${JSON.stringify(days)}\n`)
    else if (days.length === 0) environment.stderr.write('no day has flows yet\n')
    else environment.stdout.write(`${formatTable(COLUMNS, days).join('\n')}\n`)
  })
}

export async function showDay(name: string, options: DayOptions, environment: Environment): Promise<void> {
  const day = readDay(name, environment)
  await withHistory(options, environment, async (history) => {
    const summary = history.dayInfo(day)
    if (!summary) throw new CommandError(`there are no flows of ${day}`, EXIT.noInput)
    const text = options.output === 'json' ? JSON.stringify(summary) : describeDay(summary).join('\n')
    environment.stdout.write(`${text}\n`)
  })
}

function describeDay(summary: DaySummary): string[] {
  const { database } = summary
  const lines: [string, string][] = [
    ['day', summary.day],
    ['flows', formatCount(summary.flows)],
    ['bytes', `${formatCount(summary.bytes)} (${formatBytes(summary.bytes)})`],
    ['packets', formatCount(summary.packets)],
    ['first', formatTime(summary.firstMs)],
    ['last', formatTime(summary.lastMs)],
    ['files', `${summary.files}${summary.closed ? ', closed' : ', open'}`],
    ['on disk', formatBytes(summary.diskBytes)],
    ['database', database ? `${countOf(database.rows, 'row')}, ${formatBytes(database.bytes)}` : 'none yet'],
  ]
  if (database && database.flows < summary.flows) {
    lines.push(['', `without ${countOf(summary.flows - database.flows, 'flow')} that came later`])
  }
  return lines.map(([name, value]) => `${name.padEnd(9)} ${value}`)
}

export async function verifyDays(names: string[], options: DayOptions, environment: Environment): Promise<void> {
  const { stdout, stderr, now } = environment
  const wanted = names.map((name) => readDay(name, environment))
  await withHistory(options, environment, async (history) => {
    const days = wanted.length > 0 ? wanted : history.days().map(({ day }) => day)
    const verdicts: DayVerdict[] = []
    {
      using progress = createProgress(stderr, now)
      for (const [i, day] of days.entries()) {
        progress.show(() => `${day} (${i + 1} of ${days.length})`)
        verdicts.push(await history.verifyDay(day))
      }
    }
    if (options.output === 'json') stdout.write(`${JSON.stringify(verdicts)}\n`)
    else for (const verdict of verdicts) stdout.write(describeVerdict(verdict))
    const damaged = verdicts.filter(({ ok }) => !ok).map(({ day }) => day)
    if (damaged.length > 0) throw new CommandError(`damaged: ${damaged.join(', ')}`, EXIT.data)
  })
}

const describeVerdict = ({ day, ok, files, flows, problems }: DayVerdict): string =>
  ok
    ? `${day} good: ${countOf(flows, 'flow')} in ${countOf(files, 'file')}\n`
    : `${day} damaged:\n${problems.map((problem) => `  ${problem}\n`).join('')}`

const SUFFIXES: Readonly<Record<string, ExportFormat>> = {
  sqlite3: 'sqlite',
  sqlite: 'sqlite',
  db: 'sqlite',
  parquet: 'parquet',
  csv: 'csv',
  json: 'json',
  ndjson: 'json',
}
const SUFFIX_OF: Readonly<Record<ExportFormat, string>> = {
  sqlite: 'sqlite3',
  parquet: 'parquet',
  csv: 'csv',
  json: 'ndjson',
}

export async function exportDay(
  name: string,
  words: readonly string[],
  options: ExportDayOptions,
  environment: Environment,
): Promise<void> {
  const day = readDay(name, environment)
  const filter = readFilter(words, {}, environment)
  const format = options.format ?? SUFFIXES[options.to?.split('.').at(-1)?.toLowerCase() ?? ''] ?? 'sqlite'
  const to = resolve(options.to ?? `flows-${day}.${SUFFIX_OF[format]}`)
  requireWritableFolder(to)
  await withHistory(options, environment, async (history) => {
    const { rows, bytes } = await showingSize(`${to}.tmp`, environment, () =>
      history.exportDay(day, { format, to, filter }).catch((error) => {
        throw explainWrite(error, to)
      }),
    )
    environment.stdout.write(`${to}: ${countOf(rows, 'row')}, ${formatBytes(bytes)}\n`)
  })
}

/** Said before the work and not after it. Throws CommandError. */
function requireWritableFolder(to: string): void {
  try {
    accessSync(dirname(to), constants.W_OK)
  } catch (error) {
    throw new CommandError(`cannot write ${to}: ${describeSystemError(error)}`, EXIT.cannotCreate, { cause: error })
  }
}

/** On a terminal: how large the file has become. */
async function showingSize<T>(path: string, { stderr, now }: Environment, work: () => Promise<T>): Promise<T> {
  using progress = createProgress(stderr, now)
  const timer = setInterval(() => {
    progress.show(() => `${formatBytes(statSync(path, { throwIfNoEntry: false })?.size ?? 0)} written`)
  }, 250)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}

function explainWrite(error: unknown, to: string): unknown {
  const { message } = error as Error
  const isDuckDbFault = /^(IO Error|Permission Error)/i.test(message)
  if (!systemCode(error).startsWith('E') && !isDuckDbFault && !systemCode(error).startsWith('SQLITE_')) return error
  const exitCode = systemCode(error).startsWith('E') ? writeExitCode(error) : EXIT.cannotCreate
  return new CommandError(`cannot write ${to}: ${describeSystemError(error)}`, exitCode, { cause: error })
}

export async function pruneDays(names: string[], options: PruneOptions, environment: Environment): Promise<void> {
  const { stdout, now } = environment
  const { before, keep, dryRun } = options
  if (names.length === 0 && before === undefined && keep === undefined) {
    throw new CommandError('say which days go: DAY…, --before DAY or --keep N', EXIT.usage)
  }
  const dataDir = await chooseDataDir(options.data, environment)
  requireArchive(dataDir)
  const today = createDayClock(hostTimeZone()).at(now()).day
  const named = new Set(names.map((name) => readDay(name, environment)))
  const beforeDay = before === undefined ? undefined : readDay(before, environment)
  using catalog = openCatalog(dataDir)
  const days = catalog.days()
  const missing = [...named].filter((day) => !days.some((summary) => summary.day === day))
  if (missing.length > 0) throw new CommandError(`there are no flows of ${missing.join(', ')}`, EXIT.noInput)
  if (named.has(today)) throw new CommandError("today's flows are never removed", EXIT.usage)
  const kept = new Set(keep === undefined ? [] : days.slice(-keep).map(({ day }) => day))
  const going = days.filter(
    ({ day }) =>
      day < today &&
      (named.has(day) || (beforeDay !== undefined && day < beforeDay) || (keep !== undefined && !kept.has(day))),
  )
  for (const { day, flows, diskBytes } of going) {
    if (!dryRun) await removeDay(day)
    const done = dryRun ? 'would be removed' : 'removed'
    stdout.write(`${day} ${done}: ${countOf(flows, 'flow')}, ${formatBytes(diskBytes)}\n`)
  }
  if (going.length === 0) stdout.write('no day fits\n')

  /** As the archiver does it: out of the catalogue first, so that no search meets half a day. */
  async function removeDay(day: string): Promise<void> {
    const files = catalog.filesOf(day)
    await rm(paths.database(dataDir, day), { force: true })
    catalog.removeFiles(files, now())
    catalog.forgetDay(day)
    // A running archiver deletes them when no search can still read them.
    if (findRunningCopy(dataDir)) return
    for (const { path } of files) {
      await rm(paths.file(dataDir, path), { force: true })
      catalog.forget(path)
    }
    await rm(paths.day(dataDir, day), { recursive: true, force: true })
  }
}

/** `2026-11-24`, `today`, `yesterday` → the day's name. */
function readDay(name: string, { now }: Environment): string {
  const word = name.toLowerCase()
  const clock = createDayClock(hostTimeZone())
  const today = clock.at(now())
  if (word === 'today') return today.day
  if (word === 'yesterday') return clock.at(today.startMs - DAY_MS / 2).day
  if (isDay(name)) return name
  throw new CommandError(`"${name}" is no day: write it like 2026-11-24, or today, or yesterday`, EXIT.usage)
}

async function withHistory(
  { data }: { data?: string },
  environment: Environment,
  work: (history: History) => Promise<void>,
): Promise<void> {
  const dataDir = await chooseDataDir(data, environment)
  requireArchive(dataDir)
  await using history = openHistory({ dataDir })
  try {
    await work(history)
  } catch (error) {
    throw explain(error)
  }
}
