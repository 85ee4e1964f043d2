// What the running collectors know of their exporters, asked over the broker. Fails: CommandError when none answers.
import { describeAwaySite, isSiteAway, withoutMoved } from '@netbehave/health'
import { PROBLEM_SENTENCES, type Problem } from '@netbehave/netflow'
import type { ExporterReport, SiteReport } from '@netbehave/schema'
import {
  askCollectors,
  askCollectorsAndSites,
  type CollectorAnswer,
  type ReportOptions,
  versionName,
} from './ask-collectors.ts'
import { connectToCopy } from './broker-client.ts'
import type { Environment } from './environment.ts'
import { countOf, formatCount, formatDuration } from './output/numbers.ts'
import { formatTable, type TableColumn } from './output/table.ts'

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
  const { collectors: answers, sites } = await askCollectorsAndSites(broker)
  const all = answers.flatMap((answer) => withRates(answer, before))
  const exporters = withoutMoved(all, (exporter) => ({ site: exporter.site, exporter }))
  const collectors = answers.map(({ site, instance, startedMs, report: { listening } }) => ({
    ...{ site, instance, startedMs, listening },
  }))
  if (options.output === 'json') {
    stdout.write(`${JSON.stringify({ collectors, exporters, sites })}\n`)
    return
  }
  if (exporters.length > 0) stdout.write(`${formatTable(exporterColumns(now()), exporters).join('\n')}\n\n`)
  else stdout.write('no exporter has sent anything yet\n\n')
  const sentences = explainProblems(exporters)
  if (sentences.length > 0) stdout.write(`${sentences.join('\n')}\n\n`)
  stdout.write(sites.map((site) => `${describeSite(site, now())}\n`).join(''))
  stdout.write(collectors.flatMap((collector) => describeCollector(collector, now())).join(''))
}

function describeSite(site: SiteReport, nowMs: number): string {
  if (isSiteAway(site, nowMs)) return describeAwaySite(site, nowMs)
  if (site.heardMs === null) return `site ${site.name}: not heard yet`
  const behind = site.waiting > 0 ? `, ${countOf(site.waiting, 'message')} of flows on the way` : ''
  return `site ${site.name}: heard ${formatDuration(Math.max(0, nowMs - site.heardMs))} ago${behind}`
}

type Listening = Pick<CollectorAnswer, 'site' | 'instance' | 'startedMs'> & Pick<CollectorAnswer['report'], 'listening'>

function describeCollector({ site, instance, startedMs, listening }: Listening, nowMs: number): string[] {
  const name = `${site}/${instance}`
  return [
    `counts are those since collector ${name} started, ${formatDuration(Math.max(0, nowMs - startedMs))} ago\n`,
    ...listening.map(({ address, receiveBufferBytes, kernelDrops }) => {
      const drops = kernelDrops === null ? '' : `, dropped by the kernel: ${formatCount(kernelDrops)}`
      return `${name} listens on ${address}, buffer ${formatCount(receiveBufferBytes)} bytes${drops}\n`
    }),
  ]
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
      value: ({ lost, lossUnit }) => (lossUnit === 'none' ? 'not told' : `${formatCount(lost)} ${lossUnit}`),
    },
    { heading: 'SAMPLING', value: ({ sampling }) => (sampling > 1 ? `1 in ${formatCount(sampling)}` : '') },
    { heading: 'CLOCK OFF', value: ({ clockSkewMs }) => formatSkew(clockSkewMs), align: 'right' },
    { heading: 'LAST', value: ({ lastSeenMs }) => `${formatDuration(Math.max(0, nowMs - lastSeenMs))} ago` },
    { heading: 'AWAITED', value: ({ awaiting }) => awaiting.length || '' },
    { heading: 'PROBLEMS', value: describeProblems },
  ]
}

/** The way of a datagram and a header's whole seconds are no skew. */
const formatSkew = (ms: number): string => (Math.abs(ms) < 2_000 ? '' : formatDuration(ms))

/**
 * What is wrong still. Data that came before its template was decoded when that came: what waits yet is told by AWAITED, what
 * was given up is `held-dropped`.
 */
function openProblems({ problems, awaiting }: ExporterReport): [string, number][] {
  const isWaiting = awaiting.some(({ heldSets }) => heldSets > 0)
  return Object.entries(problems).filter(([problem]) => problem !== 'template-missing' || isWaiting)
}

const describeProblems = (exporter: ExporterReport): string =>
  openProblems(exporter)
    .map(([problem, count]) => `${problem} ${formatCount(count)}`)
    .join(', ')

/** A line for each problem in the table: what it means and what to do. A newer collector may know more of them. */
function explainProblems(exporters: readonly ExporterReport[]): string[] {
  const shown = new Set(exporters.flatMap((exporter) => openProblems(exporter).map(([problem]) => problem)))
  return [...shown].flatMap((problem) => {
    const sentence = PROBLEM_SENTENCES[problem as Problem] as string | undefined
    return sentence === undefined ? [] : [`${problem}: ${sentence}`]
  })
}
