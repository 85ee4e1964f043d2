// netbehave search: flows of the past, from the archive on disk; no running copy is needed.
import { type Command, Option } from 'commander'
import type { Environment } from '../environment.ts'
import type { SearchOptions } from '../search.ts'
import { addFlowOptions, readTime } from './flow-options.ts'
import { wholeNumber } from './options.ts'

export function addSearch(program: Command, environment: Environment): void {
  const command = program.command('search').description('find flows of the past')
  addFlowOptions(command)
    .option('--from <time>', 'active at or after this time', readTime(environment.now))
    .option('--to <time>', 'begun before this time', readTime(environment.now))
    .addOption(
      new Option('--order <order>', 'by start: newest or oldest first; any: as they are found').choices([
        'newest',
        'oldest',
        'any',
      ]),
    )
    .option('--count', 'print only how many flows, bytes and packets, as JSON')
    .option('--timeout <seconds>', 'how long the search may take', wholeNumber(1), 30)
    .addHelpText(
      'after',
      `
Times are of this machine's zone: 2026-11-24T04:10, 2026-11-24, 04:10, -24h, -15m, today, yesterday, epoch milliseconds.
Without --limit, line and wide print the newest 1000, json and csv everything.

Examples:
  netbehave search --src 192.168.1.7 --from -15m
  netbehave search --dst 2001:db8::/32 --port 443 --from yesterday --to today -o wide
  netbehave search --from 2026-11-24 --count
  netbehave search --ip 192.168.1.7 -o csv > flows.csv`,
    )
    .action(async (options: SearchOptions) => {
      const { search } = await import('../search.ts')
      await search(options, environment)
    })
}
