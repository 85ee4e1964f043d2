// netbehave filter: is a text a filter, what does it mean, which fields are there.
import type { Command } from 'commander'
import type { Environment } from '../environment.ts'
import { tableOption } from './options.ts'

export function addFilterCommands(program: Command, environment: Environment): void {
  const filter = program
    .command('filter')
    .description('the filter language: check a filter, explain it, list the fields')
  filter.addHelpText(
    'after',
    `
The language is told in docs/filter.md.

Examples:
  netbehave filter check 'dst.name = *.example.com and bytes > 10M'
  netbehave filter explain 'src.net != @dst.net'
  netbehave filter fields`,
  )
  filter
    .command('check')
    .description('print the filter in its canonical form; exit code 64, with the place, when it is none')
    .argument('<text...>')
    .action(async (words: string[]) => (await import('../filter.ts')).checkFilter(words, environment))
  filter
    .command('explain')
    .description('say in one line of English what the filter matches')
    .argument('<text...>')
    .action(async (words: string[]) => (await import('../filter.ts')).explainFilter(words, environment))
  filter
    .command('fields')
    .description('list the fields: name, what it takes, other names, meaning')
    .addOption(tableOption())
    .action(async (options: { output: 'table' | 'json' }) =>
      (await import('../filter.ts')).listFields(options, environment),
    )
}
