// netbehave top FIELD[,FIELD]: the values with the most traffic, from the archive on disk.
import { type Command, Option } from 'commander'
import type { Environment } from '../environment.ts'
import type { TopOptions } from '../top.ts'
import { addFilter, addSpan, FILTER_HELP, TIME_HELP } from './flow-options.ts'
import { dataOption, wholeNumber } from './options.ts'

export function addTop(program: Command, environment: Environment): void {
  const command = program
    .command('top')
    .description('who has the most traffic, by any field')
    .argument('<fields>', 'a field, or several parted by commas: dst.name, src.ip,dst.port')
  addSpan(addFilter(command), environment.now)
    .addOption(new Option('--by <sum>', 'what is compared').choices(['bytes', 'packets', 'flows']).default('bytes'))
    .option('-n, --limit <n>', 'values at most', wholeNumber(1, 100_000), 10)
    .option('--scaled', 'bytes and packets times the sampling rate of their flow; without it, as exported')
    .addOption(
      new Option('-o, --output <form>', 'table; json: one object with sums of all; csv')
        .choices(['table', 'json', 'csv'])
        .default('table'),
    )
    .addOption(dataOption())
    .addHelpText(
      'after',
      `${FILTER_HELP}${TIME_HELP}
A flow counts for both its sides where the field is of either side (ip, port, mac, net, name, org, asset).
netbehave filter fields lists all fields.

Examples:
  netbehave top dst.name --from today
  netbehave top src.ip,dst.port --by flows -n 20 --from -1h src.net=guest
  netbehave top net --scaled -o json --from 2026-11-01 --to 2026-12-01`,
    )
    .action(async (fields: string, words: string[], options: TopOptions) => {
      const { top } = await import('../top.ts')
      await top(fields, words, options, environment)
    })
}
