// Several files of rules, in their order, as one list: rules.yaml and the original's acl.csv. In: names and texts. Fails: never.

import { parseAcl } from '../acl.ts'
import type { Ast } from '../ast.ts'
import { findNeverMatching } from '../covers.ts'
import { hintsOf } from '../explain.ts'
import type { ParseOptions } from '../parse.ts'
import { parseRules, type ReadRules } from './parse-rules.ts'
import { countTerms, DEFAULT_SEVERITY, RULE_LIMITS, type Rule, type RuleFinding } from './rule.ts'

export interface RuleFile {
  readonly file: string
  readonly text: string
}

/** What is read in the working directory where nothing else is said, in this order. */
export const RULE_FILE_NAMES = ['rules.yaml', 'acl.csv'] as const

/**
 * The files that are in force: those that are named, in their order; else those of RULE_FILE_NAMES that exist; else the shipped one.
 */
export function chooseRuleFiles(
  named: readonly string[],
  exists: (file: string) => boolean,
  shipped: string,
): readonly string[] {
  if (named.length > 0) return named
  const own = RULE_FILE_NAMES.filter(exists)
  return own.length > 0 ? own : [shipped]
}

/** The rules of all files, one after the other, without those that are wrong; a file whose name ends in .csv is an acl.csv. */
export function readRuleFiles(files: readonly RuleFile[], options: ParseOptions = {}): ReadRules {
  const rules: Rule[] = []
  const findings: RuleFinding[] = []
  let terms = 0
  for (const { file, text } of files) {
    const read = file.toLowerCase().endsWith('.csv') ? readAcl(text, file, options) : parseRules(text, file, options)
    findings.push(...read.findings)
    for (const rule of read.rules) {
      terms += countTerms(rule.filter)
      if (rules.length < RULE_LIMITS.rules && terms <= RULE_LIMITS.terms) rules.push(rule)
      else {
        const message = `there are too many rules; at most ${RULE_LIMITS.rules}, with ${RULE_LIMITS.terms} conditions, are taken`
        findings.push({ kind: 'error', file, line: rule.line, column: 0, rule: rule.name, message })
        return { rules, findings }
      }
    }
  }
  return { rules, findings }
}

function readAcl(text: string, file: string, options: ParseOptions): ReadRules {
  if (text.length > RULE_LIMITS.fileLength) {
    const message = `a file of rules has at most ${RULE_LIMITS.fileLength} characters`
    return { rules: [], findings: [{ kind: 'error', file, line: 1, column: 0, rule: undefined, message }] }
  }
  const { rules, findings } = parseAcl(text, options)
  return {
    rules: rules.map((rule) => ({ ...rule, alert: [], severity: DEFAULT_SEVERITY, note: undefined, file })),
    findings: findings.map(({ kind, line, message, cell }) => {
      const rule = rules.find((one) => one.line === line)?.name
      return { kind, file, line, column: 0, rule, message, ...(cell !== undefined && { shown: cell }) }
    }),
  }
}

/** What is no error and yet worth a look: rules that no flow can come to, and conditions that may not be meant. */
export function checkRules(rules: readonly Rule[]): RuleFinding[] {
  const findings: RuleFinding[] = []
  const say = (rule: Rule, kind: 'never' | 'hint', message: string) =>
    findings.push({ kind, file: rule.file, line: rule.line, column: 0, rule: rule.name, message })
  for (const { position, by } of findNeverMatching(rules.map(({ filter }) => filter))) {
    const earlier = by === undefined ? undefined : rules[by]!
    const message = earlier
      ? `no flow comes to it: "${earlier.name}" (${earlier.file}:${earlier.line}) takes them all before`
      : 'its conditions exclude each other'
    say(rules[position]!, 'never', message)
  }
  for (const rule of rules) {
    if (asksForRule(rule.filter)) say(rule, 'never', 'it asks for the rule of a flow, which is what the rules say')
    for (const hint of hintsOf(rule.filter)) say(rule, 'hint', hint)
  }
  return findings.sort((a, b) => position(a, rules) - position(b, rules))
}

const position = ({ file, line }: RuleFinding, rules: readonly Rule[]): number =>
  rules.findIndex((rule) => rule.file === file && rule.line === line)

function asksForRule(ast: Ast): boolean {
  switch (ast.kind) {
    case 'and':
    case 'or':
      return ast.terms.some(asksForRule)
    case 'not':
      return asksForRule(ast.term)
    case 'compare':
    case 'in':
    case 'exists':
      return ast.field === 'rule'
    default:
      return false
  }
}
