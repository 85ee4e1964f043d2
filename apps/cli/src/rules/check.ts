// netbehave rules check: mistakes, rows that say something else than in the 2018 system, rules in vain. Exit code 65 for mistakes only.
import { checkRules, type RuleFinding, showRuleFinding } from '@netbehave/filter/rules'
import { chooseDataDir } from '../data-dir.ts'
import type { Environment } from '../environment.ts'
import { CommandError, EXIT } from '../exit-codes.ts'
import { countOf, formatDuration } from '../output/numbers.ts'
import { findRunningCopy } from '../run-file.ts'
import type { RulesOptions } from './list.ts'
import { printableLines, type ReadRuleFiles, readRules } from './read-rules.ts'
import { askRuleHits, type RuleHits } from './stats.ts'

export async function checkRuleFiles(
  named: readonly string[],
  options: RulesOptions & { data?: string },
  environment: Environment,
): Promise<void> {
  const { stdout } = environment
  const read = await readRules(named, environment)
  const findings = [...read.findings, ...checkRules(read.rules)]
  // Files that are named may be others than those of the copy that runs here.
  const hits = named.length > 0 ? undefined : await hitsOfRunningCopy(options, environment)
  const idle = hits && read.rules.filter((rule) => isIdle(rule, hits))
  if (options.output === 'json') {
    const idleRules = idle?.map(({ name, file, line }) => ({ name, file, line }))
    stdout.write(`${JSON.stringify({ files: read.files, findings, ...(idleRules && { idle: idleRules }) })}\n`)
  } else {
    for (const finding of findings) stdout.write(`${printableLines(showRuleFinding(finding))}\n`)
    if (idle && hits && idle.length > 0) {
      const since = formatDuration(environment.now() - hits.sinceMs)
      const where = idle.map(({ name, line }) => `${name} (line ${line})`).join(', ')
      stdout.write(`${printableLines(`named no flow yet, in ${since}: ${where}`)}\n`)
    }
    stdout.write(`${printableLines(summary(read, findings))}\n`)
  }
  if (findings.some(({ kind }) => kind === 'error')) throw new CommandError('', EXIT.data)
}

function summary({ files, rules }: ReadRuleFiles, findings: readonly RuleFinding[]): string {
  const count = (kind: RuleFinding['kind']) => findings.filter((finding) => finding.kind === kind).length
  const parts = [
    counted(count('error'), 'mistake'),
    count('differs') > 0 && `${counted(count('differs'), 'row')} with another meaning than in the 2018 system`,
    count('never') > 0 && `${counted(count('never'), 'rule')} in vain`,
    count('hint') > 0 && counted(count('hint'), 'hint'),
  ].filter(Boolean)
  return `${counted(rules.length, 'rule')} in ${files.map(({ file }) => file).join(', ')}: ${parts.join(', ')}`
}

const counted = (n: number, what: string): string => (n === 0 ? `no ${what}s` : countOf(n, what))

/** Undefined when none runs, or its enricher does not answer: the check does not need it. */
async function hitsOfRunningCopy(options: { data?: string }, environment: Environment): Promise<RuleHits | undefined> {
  if (!findRunningCopy(await chooseDataDir(options.data, environment))) return undefined
  return askRuleHits(options, environment).catch((error: unknown) => {
    if (error instanceof CommandError) return undefined
    throw error
  })
}

function isIdle({ name, file, line }: { name: string; file: string; line: number }, hits: RuleHits): boolean {
  const same = hits.rules.filter((rule) => rule.name === name && rule.file === file && rule.line === line)
  return same.length > 0 && same.every((rule) => rule.hits === 0)
}
