// The original's acl.csv → the text of a rules.yaml that says the same, row by row, its comments where they stood. Fails: never.
import { stringify } from 'yaml'
import { type AclFinding, parseAcl } from '../acl.ts'
import type { ParseOptions } from '../parse.ts'
import { print } from '../print.ts'

export interface ImportedAcl {
  /** A rules.yaml. Rows that are no rule are in it as comments. */
  readonly yaml: string
  readonly findings: readonly AclFinding[]
}

export function importAcl(csv: string, options: ParseOptions = {}): ImportedAcl {
  const { rules, findings } = parseAcl(csv, options)
  const byLine = new Map(rules.map((rule) => [rule.line, rule]))
  const out: string[] = []
  csv
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .forEach((source, i) => {
      const line = i + 1
      const text = source.trim()
      const rule = byLine.get(line)
      const said = findings.filter((finding) => finding.line === line)
      if (rule) {
        for (const { message } of said) out.push(`# ${oneLine(message)}`)
        out.push(`- name: ${scalar(rule.name)}`, `  match: ${scalar(print(rule.filter))}`)
      } else if (text.startsWith('#')) out.push(text)
      else if (said.length > 0) {
        out.push(`# line ${line} is no rule: ${oneLine(said.map(({ message }) => message).join('; '))}`, `#   ${text}`)
      } else if (text === '') out.push('')
    })
  return { yaml: `${out.join('\n').trimEnd()}\n`, findings }
}

/** A text as YAML on one line. */
const scalar = (text: string): string => stringify(text, { lineWidth: 0, blockQuote: false }).trimEnd()

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ')
