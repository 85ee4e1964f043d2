// What the filter language knows: canonical form, meaning, fields. Fails: CommandError that shows the place.
import { aliasesOf, explain, FIELDS, type Field, hintsOf, print } from '@netbehave/filter'
import type { Environment } from './environment.ts'
import { formatTable, type TableColumn } from './output/table.ts'
import { readFilterText } from './read-filter.ts'

export function checkFilter(words: readonly string[], { stdout, stderr }: Environment): void {
  const filter = readFilterText(words.join(' '))
  stdout.write(`${print(filter)}\n`)
  for (const hint of hintsOf(filter)) stderr.write(`hint: ${hint}\n`)
}

export function explainFilter(words: readonly string[], { stdout }: Environment): void {
  stdout.write(`${explain(readFilterText(words.join(' ')))}\n`)
}

/** What a field takes, in a word. */
function typeOf({ type, form, names }: Field): string {
  if (type !== 'number') return type === 'mac' ? 'MAC' : type
  return form !== 'plain' ? form : names ? 'number or name' : type
}

const COLUMNS: readonly TableColumn<Field>[] = [
  { heading: 'FIELD', value: ({ name }) => name },
  { heading: 'TAKES', value: typeOf },
  { heading: 'ALSO', value: (field) => aliasesOf(field).join(' ') },
  { heading: 'MEANING', value: ({ meaning }) => meaning },
]

export function listFields({ output }: { output: 'table' | 'json' }, { stdout }: Environment): void {
  if (output === 'table') {
    stdout.write(`${formatTable(COLUMNS, FIELDS).join('\n')}\n`)
    return
  }
  const fields = FIELDS.map((field) => ({
    name: field.name,
    takes: typeOf(field),
    aliases: aliasesOf(field),
    eitherSide: field.sides !== undefined,
    optional: field.optional,
    names: Object.keys(field.names ?? {}),
    meaning: field.meaning,
  }))
  stdout.write(`${JSON.stringify(fields)}\n`)
}
