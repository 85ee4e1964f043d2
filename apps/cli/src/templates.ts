// The templates that exporters sent to the running collectors, and those that are waited for. Fails: CommandError when none answers.
import { withoutMoved } from '@netbehave/health'
import type { ExporterReport } from '@netbehave/schema'
import { askCollectors, type ReportOptions, versionName } from './ask-collectors.ts'
import { connectToCopy } from './broker-client.ts'
import type { Environment } from './environment.ts'
import { formatCount, formatDuration } from './output/numbers.ts'
import { formatTable, type TableColumn } from './output/table.ts'

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
  const known = (await askCollectors(broker)).flatMap(({ site, report }) =>
    report.exporters.map((exporter) => ({ site, exporter })),
  )
  const exporters = withoutMoved(known, (row) => row).map(({ exporter }) => exporter)
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
