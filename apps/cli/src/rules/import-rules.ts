// netbehave rules import: the 2018 system's acl.csv as the text of a rules.yaml. Exit code 65 when a row is no rule.
import { importAcl } from '@netbehave/filter/rules'
import type { Environment } from '../environment.ts'
import { CommandError, EXIT } from '../exit-codes.ts'
import { printableLines, readRuleFile } from './read-rules.ts'

export function importRules(file: string, { stdout, stderr }: Environment): void {
  const { yaml, findings } = importAcl(readRuleFile(file).text)
  stdout.write(yaml)
  for (const { line, kind, message, cell } of findings) {
    const about = cell === undefined ? '' : `: ${cell}`
    stderr.write(`${printableLines(`${file}:${line}: ${kind === 'error' ? 'no rule' : kind}: ${message}${about}`)}\n`)
  }
  if (findings.some(({ kind }) => kind === 'error')) throw new CommandError('', EXIT.data)
}
