// The rules that enrichers say are in force. In: their reports. Out: each rule once with its hits over all of them, and what there is
// to say about it. Fails: never; a filter that cannot be read here (an enricher of another version) is shown and not judged.
import { tryParse } from '@netbehave/filter'
import { checkRules, type Rule, type RuleFinding } from '@netbehave/filter/rules'
import type { RuleReport } from '@netbehave/schema'
import { LRUCache } from 'lru-cache'

type Rules = readonly RuleReport[]

/** Judging a thousand rules takes a tenth of a second, and they seldom change; enrichers mostly have one and the same set. */
const REMEMBERED_SETS = 16
const judged = new LRUCache<string, readonly RuleFinding[]>({ max: REMEMBERED_SETS })

/** The same rule of several enrichers is one: hits add up, the order is that of the first. */
export function mergeRules(reports: readonly Rules[]): RuleReport[] {
  const merged = new Map<string, RuleReport>()
  for (const rule of reports.flat()) {
    const key = keyOf(rule)
    const known = merged.get(key)
    if (!known) merged.set(key, rule)
    else {
      const lastMs = Math.max(known.lastMs ?? 0, rule.lastMs ?? 0)
      merged.set(key, { ...known, hits: known.hits + rule.hits, lastMs: lastMs || null })
    }
  }
  return [...merged.values()]
}

/** Every enricher's rules by themselves, since what stands before a rule decides whether flows come to it. */
export function judgeRules(reports: readonly Rules[]): RuleFinding[] {
  const findings = reports.flatMap((rules) => {
    const key = JSON.stringify(rules.map(({ name, file, line, match }) => [name, file, line, match]))
    const known = judged.get(key)
    if (known) return known
    const found = checkRules(rules.flatMap(toRule))
    judged.set(key, found)
    return found
  })
  return [
    ...new Map(findings.map((finding) => [`${finding.kind}\0${finding.message}\0${keyOf(finding)}`, finding])).values(),
  ]
}

const keyOf = ({ file, line, name, rule }: { file: string; line: number; name?: string; rule?: string | undefined }) =>
  `${file}\0${line}\0${name ?? rule ?? ''}`

function toRule({ name, file, line, match }: RuleReport): Rule[] {
  const filter = match === null ? undefined : tryParse(match)
  if (filter === undefined || filter instanceof Error) return []
  return [{ name, file, line, filter, alert: [], severity: 'warning', note: undefined }]
}
