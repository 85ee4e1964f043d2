// What the running collectors know of their exporters, asked over the broker. Fails: CommandError when none answers.
import { askStats, type Broker } from '@netbehave/broker'
import { CollectorReport, type ExporterReport } from '@netbehave/schema'
import { connectToCopy } from './broker-client.ts'
import type { Environment } from './environment.ts'
import { CommandError, EXIT } from './exit-codes.ts'
import { formatCount, formatDuration } from './output/numbers.ts'
import { formatTable, type TableColumn } from './output/table.ts'

export interface ReportOptions {
  data?: string
  broker?: string
  output: 'table' | 'json'
}

interface CollectorAnswer {
  site: string
  instance: string
  atMs: number
  report: CollectorReport
}

/** An exporter and domain with the collector that told of it. */
export interface ExporterRow extends ExporterReport {
  site: string
  instance: string
  /** Measured between two answers. */
  flowsPerSecond: number
  datagramsPerSecond: number
}

/** Time between the two answers that rates are made of. */
const RATE_MS = 1_000

export async function showExporters(options: ReportOptions, environment: Environment): Promise<void> {
  const { stdout, now } = environment
  await using broker = await connectToCopy(options, 'analyst', environment)
  const before = await askCollectors(broker)
  await new Promise((resolve) => setTimeout(resolve, RATE_MS))
  const answers = await askCollectors(broker)
  const exporters = answers.flatMap((answer) => withRates(answer, before))
  const collectors = answers.map(({ site, instance, report }) => ({ site, instance, listening: report.listening }))
  if (options.output === 'json') {
    stdout.write(`${JSON.stringify({ collectors, exporters })}\n`)
    return
  }
  if (exporters.length > 0) stdout.write(`${formatTable(exporterColumns(now()), exporters).join('\n')}\n\n`)
  else stdout.write('no exporter has sent anything yet\n\n')
  for (const { site, instance, listening } of collectors) {
    for (const { address, receiveBufferBytes, kernelDrops } of listening) {
      const drops = kernelDrops === null ? '' : `, dropped by the kernel: ${formatCount(kernelDrops)}`
      stdout.write(
        `${site}/${instance} listens on ${address}, buffer ${formatCount(receiveBufferBytes)} bytes${drops}\n`,
      )
    }
  }
}

function withRates({ site, instance, atMs, report }: CollectorAnswer, before: CollectorAnswer[]): ExporterRow[] {
  const earlier = before.find((answer) => answer.site === site && answer.instance === instance)
  const seconds = earlier ? (atMs - earlier.atMs) / 1000 : 0
  return report.exporters.map((exporter) => {
    const was = earlier?.report.exporters.find((other) => isSame(other, exporter))
    const rate = (of: 'flows' | 'datagrams') =>
      seconds > 0 ? Math.max(0, exporter[of] - (was?.[of] ?? 0)) / seconds : 0
    return { site, instance, ...exporter, flowsPerSecond: rate('flows'), datagramsPerSecond: rate('datagrams') }
  })
}

const isSame = (a: ExporterReport, b: ExporterReport): boolean =>
  a.ip === b.ip && a.domain === b.domain && a.version === b.version

function exporterColumns(nowMs: number): TableColumn<ExporterRow>[] {
  const count = (heading: string, value: (row: ExporterRow) => number): TableColumn<ExporterRow> => ({
    heading,
    value: (row) => formatCount(Math.round(value(row))),
    align: 'right',
  })
  return [
    { heading: 'EXPORTER', value: ({ ip }) => ip },
    { heading: 'SITE', value: ({ site }) => site },
    { heading: 'DOMAIN', value: ({ domain }) => domain, align: 'right' },
    { heading: 'VERSION', value: ({ version }) => versionName(version) },
    count('FLOWS', ({ flows }) => flows),
    count('FLOWS/S', ({ flowsPerSecond }) => flowsPerSecond),
    count('DATAGRAMS', ({ datagrams }) => datagrams),
    {
      heading: 'LOST',
      value: ({ lost, lossUnit }) => (lossUnit === 'none' ? '?' : `${formatCount(lost)} ${lossUnit}`),
    },
    { heading: 'SAMPLING', value: ({ sampling }) => (sampling > 1 ? `1 in ${formatCount(sampling)}` : '') },
    { heading: 'CLOCK OFF', value: ({ clockSkewMs }) => formatSkew(clockSkewMs), align: 'right' },
    { heading: 'LAST', value: ({ lastSeenMs }) => `${formatDuration(Math.max(0, nowMs - lastSeenMs))} ago` },
    { heading: 'AWAITED', value: ({ awaiting }) => awaiting.length || '' },
    { heading: 'PROBLEMS', value: ({ problems }) => describeProblems(problems) },
  ]
}

/** The way of a datagram and a header's whole seconds are no skew. */
const formatSkew = (ms: number): string => (Math.abs(ms) < 2_000 ? '' : formatDuration(ms))

const versionName = (version: number): string => (version === 10 ? 'IPFIX' : `NetFlow ${version}`)

const describeProblems = (problems: Readonly<Record<string, number>>): string =>
  Object.entries(problems)
    .map(([problem, count]) => `${problem} ${formatCount(count)}`)
    .join(', ')

interface TemplateRow {
  exporter: string
  domain: number
  version: number
  id: number
  kind: string
  fields: number | string
  recordBytes: number | string
  lastSeenMs: number
}

interface AwaitedRow {
  exporter: string
  domain: number
  version: number
  id: number
  sinceMs: number
  heldSets: number
  heldBytes: number
  droppedSets: number
}

export async function showTemplates(options: ReportOptions, environment: Environment): Promise<void> {
  const { stdout, now } = environment
  await using broker = await connectToCopy(options, 'analyst', environment)
  const exporters = (await askCollectors(broker)).flatMap(({ report }) => report.exporters)
  const origin = ({ ip, domain, version }: ExporterReport) => ({ exporter: ip, domain, version })
  const templates = exporters.flatMap((exporter) =>
    exporter.templates.map((template) => ({ ...origin(exporter), ...template })),
  )
  const awaiting = exporters.flatMap((exporter) =>
    exporter.awaiting.map((awaited) => ({ ...origin(exporter), ...awaited })),
  )
  if (options.output === 'json') {
    stdout.write(`${JSON.stringify({ templates, awaiting })}\n`)
    return
  }
  const rows = templates.map((row) => ({ ...row, recordBytes: row.recordBytes ?? 'variable' }))
  if (rows.length > 0) stdout.write(`${formatTable(templateColumns(now()), rows).join('\n')}\n`)
  else stdout.write('no exporter has sent a template yet\n')
  if (awaiting.length === 0) return
  stdout.write(`\nwaited for:\n${formatTable(awaitedColumns(now()), awaiting).join('\n')}\n`)
}

const templateColumns = (nowMs: number): TableColumn<TemplateRow>[] => [
  { heading: 'EXPORTER', value: ({ exporter }) => exporter },
  { heading: 'DOMAIN', value: ({ domain }) => domain, align: 'right' },
  { heading: 'VERSION', value: ({ version }) => versionName(version) },
  { heading: 'TEMPLATE', value: ({ id }) => id, align: 'right' },
  { heading: 'KIND', value: ({ kind }) => kind },
  { heading: 'FIELDS', value: ({ fields }) => fields, align: 'right' },
  { heading: 'RECORD BYTES', value: ({ recordBytes }) => recordBytes, align: 'right' },
  { heading: 'LAST', value: ({ lastSeenMs }) => `${formatDuration(Math.max(0, nowMs - lastSeenMs))} ago` },
]

const awaitedColumns = (nowMs: number): TableColumn<AwaitedRow>[] => [
  { heading: 'EXPORTER', value: ({ exporter }) => exporter },
  { heading: 'DOMAIN', value: ({ domain }) => domain, align: 'right' },
  { heading: 'VERSION', value: ({ version }) => versionName(version) },
  { heading: 'TEMPLATE', value: ({ id }) => id, align: 'right' },
  { heading: 'SINCE', value: ({ sinceMs }) => `${formatDuration(Math.max(0, nowMs - sinceMs))}` },
  { heading: 'SETS HELD', value: ({ heldSets }) => formatCount(heldSets), align: 'right' },
  { heading: 'BYTES', value: ({ heldBytes }) => formatCount(heldBytes), align: 'right' },
  { heading: 'GIVEN UP', value: ({ droppedSets }) => formatCount(droppedSets), align: 'right' },
]

/** What every collector says now. */
async function askCollectors(broker: Broker): Promise<CollectorAnswer[]> {
  const answers = (await askStats(broker)).flatMap(({ app, site, instance, atMs, report }) => {
    const parsed = app === 'collector' ? CollectorReport.safeParse(report) : undefined
    return parsed?.success ? [{ site, instance, atMs, report: parsed.data }] : []
  })
  if (answers.length > 0) return answers
  throw new CommandError('the broker answers, but no collector does; is one running?', EXIT.unavailable)
}
