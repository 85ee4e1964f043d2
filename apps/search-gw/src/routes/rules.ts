// The rules that are in force, with their hits over all enrichers; what other rules would have named in the last hour.
import { readFile } from 'node:fs/promises'
import { compileRules, parse, print } from '@netbehave/filter'
import { checkRules, parseRules, type Rule, type RuleFinding, readRuleFiles } from '@netbehave/filter/rules'
import type { History } from '@netbehave/history'
import { EnricherReport, type Flow, flowsToBatches, type RuleReport } from '@netbehave/schema'
import { CHECK_RULES, RULES_LIST, type RuleFindingReply, type RuleTest, TEST_RULES } from '@netbehave/schema/api'
import type { Archive } from '../history/archive.ts'
import type { Binder } from '../http/bind.ts'
import { ApiError } from '../http/problem.ts'
import { judgeRules, mergeRules } from '../reported-rules.ts'
import type { Snapshots } from '../snapshots.ts'

export interface RuleNeighbours {
  readonly archive: Archive
  readonly snapshots: Snapshots
  readonly now: () => number
  /** The enricher's files of rules, by the setting `rules`. */
  readonly ruleFiles: readonly string[]
}

/** Flows that a test looks at; of more, the newest. */
const TESTED_FLOWS = 100_000
const BATCH = 4096

export function bindRules({ bind }: Binder, { archive, snapshots, now, ruleFiles }: RuleNeighbours): void {
  bind(RULES_LIST, async () => {
    const reports = snapshots
      .fresh(now())
      .filter(({ app }) => app === 'enricher')
      .flatMap(({ report }) => EnricherReport.safeParse(report).data ?? [])
    const inForce = reports.map(({ rules }) => rules)
    const { rules: written, findings } = await readWritten(ruleFiles)
    const checked = [...findings, ...(written.length > 0 ? checkRules(written) : judgeRules(inForce))]
    return {
      rules: mergeRules(inForce).map((rule) => withText(rule, written, checked)),
      leftOut: Math.max(0, ...reports.map(({ rulesLeftOut }) => rulesLeftOut)),
      unmatched: reports.reduce((sum, { unmatched }) => sum + unmatched, 0),
      files: reports[0]?.ruleFiles ?? [],
      errors: [...new Set(reports.flatMap(({ ruleFileErrors }) => ruleFileErrors))],
      findings: checked.map(toReply),
      enrichers: reports.length,
    }
  })

  bind(CHECK_RULES, ({ body: { text } }) => {
    const { rules, findings } = readDraft(text)
    return { rules: rules.length, findings: findings.map(toReply) }
  })

  bind(TEST_RULES, async ({ body: { text, q, minutes, sample }, signal }) => {
    if ((text === undefined) === (q === undefined))
      throw new ApiError(400, 'send either text (rules.yaml) or q (a filter)')
    const { rules, findings } =
      text === undefined ? { rules: [{ name: 'filter', filter: parse(q!) }], findings: [] } : readDraft(text)
    const toMs = now()
    const span = { fromMs: toMs - minutes * 60_000, toMs }
    const startedAt = performance.now()
    const tested = await archive.ask((history) => testRules(history, rules, span, sample, signal), signal)
    return { ...span, ...tested, findings: findings.map(toReply), tookMs: Math.round(performance.now() - startedAt) }
  })
}

/** Rules, with what is wrong in their text and what may not be meant. */
function readDraft(text: string) {
  const { rules, findings } = parseRules(text)
  return { rules, findings: [...findings, ...checkRules(rules)] }
}

/** The filter as the enricher says it, else as the file has it that the operator named. */
function withText(
  { name, file, line, hits, lastMs, match, alert }: RuleReport,
  written: readonly Rule[],
  findings: readonly RuleFinding[],
) {
  const rule =
    match === null ? written.find((one) => one.name === name && one.line === line && one.file === file) : null
  const never = findings.find((finding) => finding.kind === 'never' && finding.file === file && finding.line === line)
  return {
    name,
    file,
    line,
    hits,
    lastMs,
    match: rule ? print(rule.filter) : match,
    alert: [...(rule?.alert ?? alert)],
    never: never?.message ?? null,
  }
}

/** Only files that the operator named: paths in reports come over the broker, and whoever sends them must not choose what is read. */
async function readWritten(
  files: readonly string[],
): Promise<{ rules: readonly Rule[]; findings: readonly RuleFinding[] }> {
  const texts = await Promise.all(
    files.map(async (file) => ({ file, text: await readFile(file, 'utf8').catch(() => undefined) })),
  )
  return readRuleFiles(texts.flatMap(({ file, text }) => (text === undefined ? [] : [{ file, text }])))
}

type Named = Pick<Rule, 'name' | 'filter'>

async function testRules(
  history: History,
  rules: readonly Named[],
  span: { fromMs: number; toMs: number },
  sample: number,
  signal: AbortSignal,
): Promise<Pick<RuleTest, 'rules' | 'unmatched' | 'looked' | 'cut'>> {
  const compiled = compileRules(rules.map(({ filter }) => filter))
  const sums = rules.map(({ name }): RuleTest['rules'][number] => ({
    name,
    flows: 0,
    bytes: 0,
    packets: 0,
    sample: [],
  }))
  let unmatched = 0
  let looked = 0
  let flows: Flow[] = []
  const name = () => {
    let at = 0
    // A rule asks for what a flow is without a rule, as in the enricher; the sample says which has named it.
    for (const batch of flowsToBatches(flows.map(({ rule: _, ...bare }) => bare))) {
      const positions = compiled.bind(batch)
      for (let i = 0; i < batch.length; i++) {
        const flow = flows[at++]!
        const sum = sums[positions[i]! - 1]
        if (!sum) unmatched++
        else {
          sum.flows++
          sum.bytes += flow.bytes
          sum.packets += flow.packets
          if (sum.sample.length < sample) sum.sample.push(flow)
        }
      }
    }
    flows = []
  }
  for await (const flow of history.search({ ...span, signal, order: 'newest', limit: TESTED_FLOWS })) {
    flows.push(flow)
    if (++looked % BATCH === 0) name()
  }
  name()
  return { rules: sums, unmatched, looked, cut: looked === TESTED_FLOWS }
}

const toReply = ({ kind, file, line, column, rule, message, shown }: RuleFinding): RuleFindingReply => ({
  kind,
  file,
  line,
  column,
  rule: rule ?? null,
  message,
  shown: shown ?? null,
})
