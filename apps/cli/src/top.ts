// The values with the most traffic: asks the archive on disk, prints a table, JSON or CSV. Fails: CommandError.
import { type FlowSums, openHistory, type Top, type TopOrder, type TopRow } from '@netbehave/history'
import type { SpanOptions } from './commands/flow-options.ts'
import { chooseDataDir } from './data-dir.ts'
import type { Environment } from './environment.ts'
import { CommandError, EXIT } from './exit-codes.ts'
import { countOf, formatBytes, formatCount } from './output/numbers.ts'
import { createProgress } from './output/progress.ts'
import { protocolName } from './output/protocols.ts'
import { formatTable, type TableColumn } from './output/table.ts'
import { type FilterOptions, readFilter } from './read-filter.ts'
import { checkSpan, explain, requireArchive } from './search.ts'

export interface TopOptions extends FilterOptions, SpanOptions {
  data?: string
  by: TopOrder
  limit: number
  scaled?: boolean
  output: 'table' | 'json' | 'csv'
}

export async function top(
  fieldList: string,
  words: readonly string[],
  options: TopOptions,
  environment: Environment,
): Promise<void> {
  const { by, limit, from, to, output, timeout, scaled = false } = options
  const { stdout, stderr, stop, now } = environment
  checkSpan(options)
  const filter = readFilter(words, options, environment)
  const fields = fieldList.split(',').map((name) => name.trim())
  const dataDir = await chooseDataDir(options.data, environment)
  requireArchive(dataDir)
  await using history = openHistory({ dataDir, timeLimitMs: timeout * 1000 })
  const days = history.days().filter(({ firstMs, lastMs }) => lastMs >= (from ?? 0) && firstMs < (to ?? Infinity))
  const flows = days.reduce((sum, day) => sum + day.flows, 0)
  const startedMs = now()
  using progress = createProgress(stderr, now)
  const timer = setInterval(() => {
    const seconds = ((now() - startedMs) / 1000).toFixed(0)
    progress.show(() => `reading up to ${countOf(flows, 'flow')} of ${countOf(days.length, 'day')}, ${seconds} s`)
  }, 250)
  try {
    const found = await history.top({ fields, by, limit, scaled, filter, fromMs: from, toMs: to, signal: stop })
    progress[Symbol.dispose]()
    stdout.write(await FORMS[output](found, options))
  } catch (error) {
    if (stop.aborted) throw new CommandError('', EXIT.interrupted)
    throw explain(error, timeout)
  } finally {
    clearInterval(timer)
  }
}

type Form = (found: Top, options: TopOptions) => Promise<string> | string

const FORMS: Readonly<Record<TopOptions['output'], Form>> = { table: asTable, json: asJson, csv: asCsv }

/** Of all flows that match; 0 where there is nothing to share. */
function shareOf(row: FlowSums, { total }: Top, by: TopOrder): number {
  return total[by] === 0 ? 0 : row[by] / total[by]
}

function asTable(found: Top, { by, scaled }: TopOptions): string {
  const { fields, rows, total, values } = found
  const columns: TableColumn<TopRow>[] = [
    ...fields.map((field, i) => ({
      heading: field.toUpperCase(),
      value: (row: TopRow) => showValue(field, row.values[i]!),
    })),
    { heading: 'FLOWS', value: ({ flows }) => formatCount(flows), align: 'right' },
    { heading: 'BYTES', value: ({ bytes }) => formatBytes(bytes), align: 'right' },
    { heading: 'PACKETS', value: ({ packets }) => formatCount(packets), align: 'right' },
    { heading: `% ${by.toUpperCase()}`, value: (row) => (shareOf(row, found, by) * 100).toFixed(1), align: 'right' },
  ]
  const sums = `${countOf(total.flows, 'flow')}, ${formatBytes(total.bytes)}, ${countOf(total.packets, 'packet')}`
  return [
    ...formatTable(columns, rows),
    `${formatCount(rows.length)} of ${countOf(values, 'value')}; all that match: ${sums}`,
    `${describeScale(total, scaled)}\n`,
  ].join('\n')
}

/** What the counters are. */
function describeScale({ sampledFlows = 0 }: FlowSums, scaled = false): string {
  if (scaled) return 'bytes and packets are scaled: times the sampling rate of their flow'
  if (sampledFlows === 0) return 'bytes and packets as exported; no flow was sampled'
  const were = sampledFlows === 1 ? 'was' : 'were'
  return `bytes and packets as exported, though ${countOf(sampledFlows, 'flow')} ${were} sampled: --scaled multiplies`
}

function showValue(field: string, value: string | number | null): string | number {
  if (value === null) return '(none)'
  return field === 'protocol' ? protocolName(Number(value)) : value
}

function asJson(found: Top, { by, scaled = false, from, to }: TopOptions): string {
  const rows = found.rows.map(({ values, ...sums }) => ({
    ...Object.fromEntries(found.fields.map((field, i) => [field, values[i]!])),
    ...sums,
    share: shareOf(sums, found, by),
  }))
  const { fields, total, values } = found
  return `${JSON.stringify({ fields, by, scaled, from, to, total, values, rows })}\n`
}

async function asCsv(found: Top, { by, scaled }: TopOptions): Promise<string> {
  const { csvCell } = await import('@netbehave/history')
  const suffix = scaled ? '_scaled' : ''
  const heading = [...found.fields, 'flows', `bytes${suffix}`, `packets${suffix}`, 'share']
  const lines = found.rows.map((row) => [
    ...row.values,
    row.flows,
    row.bytes,
    row.packets,
    shareOf(row, found, by).toFixed(6),
  ])
  return [heading, ...lines].map((cells) => `${cells.map(csvCell).join(',')}\n`).join('')
}
