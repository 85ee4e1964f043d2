// netbehave rules ls: the rules in their order, with what each says.
import { basename } from 'node:path'
import { explain, print } from '@netbehave/filter'
import type { Rule } from '@netbehave/filter/rules'
import type { Environment } from '../environment.ts'
import { formatTable, type TableColumn } from '../output/table.ts'
import { readGoodRules } from './read-rules.ts'

export interface RulesOptions {
  output: 'table' | 'json'
}

export async function listRules(
  named: readonly string[],
  options: RulesOptions,
  environment: Environment,
): Promise<void> {
  const { rules, files } = await readGoodRules(named, environment)
  const { stdout } = environment
  if (options.output === 'json') {
    stdout.write(`${JSON.stringify(rules.map(toJson))}\n`)
    return
  }
  if (rules.length > 0) stdout.write(`${formatTable(COLUMNS, rules.map(numbered)).join('\n')}\n`)
  else stdout.write(`there are no rules in ${files.map(({ file }) => file).join(', ')}\n`)
}

type NumberedRule = Rule & { number: number }

const numbered = (rule: Rule, i: number): NumberedRule => ({ ...rule, number: i + 1 })

const COLUMNS: readonly TableColumn<NumberedRule>[] = [
  { heading: '#', value: ({ number }) => number, align: 'right' },
  { heading: 'RULE', value: ({ name }) => name },
  { heading: 'ALERT', value: ({ alert, severity }) => (alert.length > 0 ? `${severity}: ${alert.join(', ')}` : '') },
  { heading: 'WHERE', value: ({ file, line }) => `${basename(file)}:${line}` },
  { heading: 'NAMES', value: ({ filter }) => explain(filter) },
]

const toJson = ({ name, filter, alert, severity, note, file, line }: Rule) => {
  return { name, match: print(filter), explanation: explain(filter), alert, severity, note, file, line }
}
