// netbehave search: flows of the past, from the archive on disk; no running copy is needed.
import { type Command, Option } from 'commander'
import type { Environment } from '../environment.ts'
import type { SearchOptions } from '../search.ts'
import { addFlowOptions, addSpan, FILTER_HELP, TIME_HELP } from './flow-options.ts'

export function addSearch(program: Command, environment: Environment): void {
  const command = program.command('search').description('find flows of the past')
  addSpan(addFlowOptions(command), environment.now)
    .addOption(
      new Option('--order <order>', 'by start: newest or oldest first; any: as they are found').choices([
        'newest',
        'oldest',
        'any',
      ]),
    )
    .option('--count', 'print only how many flows, bytes and packets, as JSON')
    .addOption(
      new Option('--scaled', 'with --count: bytes and packets times the sampling rate').implies({ count: true }),
    )
    .addHelpText(
      'after',
      `${FILTER_HELP}${TIME_HELP}
Without --limit, line and wide print the newest 1000, json and csv everything.

Examples:
  netbehave search --from -15m src.ip=192.168.1.7
  netbehave search --from yesterday --to today -o wide 'dst.port=https dst.name=*.example.com'
  netbehave search --from 2026-11-24 --count 'src.net=guest and bytes > 10M'
  netbehave search --ip 192.168.1.7 -o csv > flows.csv`,
    )
    .action(async (words: string[], options: SearchOptions) => {
      const { search } = await import('../search.ts')
      await search(words, options, environment)
    })
}
