// netbehave rules stats: how many flows each rule named, asked of the running enrichers. Fails: CommandError 69 when none answers.
import { basename } from 'node:path'
import { askStats } from '@netbehave/broker'
import { EnricherReport, type RuleReport } from '@netbehave/schema'
import { connectToCopy } from '../broker-client.ts'
import type { Environment } from '../environment.ts'
import { CommandError, EXIT } from '../exit-codes.ts'
import { countOf, formatCount, formatDuration } from '../output/numbers.ts'
import { formatTable, type TableColumn } from '../output/table.ts'
import type { RulesOptions } from './list.ts'
import { printableLines } from './read-rules.ts'

export interface AskOptions {
  data?: string
  broker?: string
}

/** What all enrichers say together. */
export interface RuleHits {
  /** Start of the one that runs longest, epoch ms. */
  readonly sinceMs: number
  readonly rules: readonly RuleReport[]
  readonly rulesLeftOut: number
  readonly unmatched: number
  readonly files: readonly { file: string; rules: number }[]
  /** Why files as they are now are not in force. */
  readonly errors: readonly string[]
}

export async function showRuleStats(options: RulesOptions & AskOptions, environment: Environment): Promise<void> {
  const { stdout, stderr, now } = environment
  const hits = await askRuleHits(options, environment)
  if (options.output === 'json') stdout.write(`${JSON.stringify(hits)}\n`)
  else {
    const total = hits.rules.reduce((sum, rule) => sum + rule.hits, hits.unmatched)
    const noRule = { name: '(no rule)', file: '', line: 0, hits: hits.unmatched, lastMs: null }
    stdout.write(`${formatTable(columns(total, now()), [...hits.rules, noRule]).join('\n')}\n`)
    stdout.write(
      `\n${countOf(total, 'flow')} in the ${formatDuration(now() - hits.sinceMs)} since the enricher started\n`,
    )
    if (hits.rulesLeftOut > 0) stdout.write(`${countOf(hits.rulesLeftOut, 'more rule')} in force and not shown\n`)
  }
  for (const error of hits.errors) stderr.write(`netbehave: not in force: ${printableLines(error)}\n`)
}

const columns = (
  total: number,
  nowMs: number,
): TableColumn<Pick<RuleReport, 'name' | 'file' | 'line' | 'hits' | 'lastMs'>>[] => [
  { heading: 'RULE', value: ({ name }) => name },
  { heading: 'FLOWS', value: ({ hits }) => formatCount(hits), align: 'right' },
  {
    heading: 'SHARE',
    value: ({ hits }) => (total > 0 ? `${((hits * 100) / total).toFixed(1)} %` : ''),
    align: 'right',
  },
  {
    heading: 'LAST',
    value: ({ lastMs }) => (lastMs === null ? '' : `${formatDuration(Math.max(0, nowMs - lastMs))} ago`),
  },
  { heading: 'WHERE', value: ({ file, line }) => (file === '' ? '' : `${basename(file)}:${line}`) },
]

export async function askRuleHits(options: AskOptions, environment: Environment): Promise<RuleHits> {
  await using broker = await connectToCopy(options, 'analyst', environment)
  const answers = (await askStats(broker)).flatMap(({ app, startedMs, report }) => {
    const parsed = app === 'enricher' ? EnricherReport.safeParse(report) : undefined
    return parsed?.success ? [{ startedMs, ...parsed.data }] : []
  })
  if (answers.length === 0) {
    throw new CommandError('the broker answers, but no enricher does; is one running?', EXIT.unavailable)
  }
  return {
    sinceMs: Math.min(...answers.map(({ startedMs }) => startedMs)),
    rules: sumByRule(answers.flatMap(({ rules }) => rules)),
    rulesLeftOut: Math.max(...answers.map(({ rulesLeftOut }) => rulesLeftOut)),
    unmatched: answers.reduce((sum, { unmatched }) => sum + unmatched, 0),
    files: answers[0]!.ruleFiles,
    errors: [...new Set(answers.flatMap(({ ruleFileErrors }) => ruleFileErrors))],
  }
}

/** One row for each rule, in the order of the first enricher. */
function sumByRule(reports: readonly RuleReport[]): RuleReport[] {
  const sums = new Map<string, RuleReport>()
  for (const report of reports) {
    const key = `${report.file}\0${report.line}\0${report.name}`
    const sum = sums.get(key)
    if (!sum) sums.set(key, { ...report })
    else {
      sum.hits += report.hits
      sum.lastMs = report.lastMs === null ? sum.lastMs : Math.max(report.lastMs, sum.lastMs ?? 0)
    }
  }
  return [...sums.values()]
}
