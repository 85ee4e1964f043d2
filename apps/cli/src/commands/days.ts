// netbehave days: the days of the archive: list, look at, check, take away, remove.
import { type Command, Option } from 'commander'
import type { DayOptions, ExportDayOptions, PruneOptions } from '../days.ts'
import type { Environment } from '../environment.ts'
import { FILTER_HELP } from './flow-options.ts'
import { dataOption, tableOption, wholeNumber } from './options.ts'

export function addDays(program: Command, environment: Environment): void {
  const days = program.command('days').description('the days of the archive')
  days.addHelpText(
    'after',
    `
A day is written 2026-11-24, today or yesterday.

Examples:
  netbehave days ls
  netbehave days export yesterday --to flows.csv
  netbehave days prune --keep 90`,
  )

  days
    .command('ls')
    .description('list them')
    .addOption(tableOption())
    .addOption(dataOption())
    .action(async (options: DayOptions) => (await import('../days.ts')).listDays(options, environment))

  days
    .command('info')
    .alias('show')
    .description('say what is known of one day')
    .argument('<day>')
    .addOption(tableOption())
    .addOption(dataOption())
    .action(async (day: string, options: DayOptions) => (await import('../days.ts')).showDay(day, options, environment))

  days
    .command('verify')
    .description('read every file and compare it with the catalogue; exit code 65 when something is wrong')
    .argument('[day...]', 'default: all days')
    .addOption(tableOption())
    .addOption(dataOption())
    .addHelpText('after', '\nExamples:\n  netbehave days verify\n  netbehave days verify 2026-11-24 -o json')
    .action(async (names: string[], options: DayOptions) =>
      (await import('../days.ts')).verifyDays(names, options, environment),
    )

  days
    .command('export')
    .description('write one day to a file, or the flows of it that a filter matches')
    .argument('<day>')
    .argument('[filter...]', 'conditions that all must hold')
    .option('--to <file>', 'file to write; replaced when it is there (default flows-DAY with the suffix of the form)')
    .addOption(
      new Option(
        '--format <form>',
        'sqlite: the daily database; default: by the suffix of the file, else sqlite',
      ).choices(['sqlite', 'parquet', 'csv', 'json']),
    )
    .addOption(dataOption())
    .addHelpText(
      'after',
      `${FILTER_HELP}

Examples:
  netbehave days export 2026-11-24
  netbehave days export yesterday --to guests.csv src.net=guest
  netbehave days export today --to today.parquet
  netbehave days export yesterday --format csv`,
    )
    .action(async (day: string, words: string[], options: ExportDayOptions) =>
      (await import('../days.ts')).exportDay(day, words, options, environment),
    )

  days
    .command('prune')
    .description("remove days for good; never today's")
    .argument('[day...]', 'these days')
    .option('--before <day>', 'all days before this one')
    .option('--keep <n>', 'all days but the newest N', wholeNumber(1))
    .option('--dry-run', 'only say what would go')
    .addOption(dataOption())
    .addHelpText(
      'after',
      `
Examples:
  netbehave days prune --keep 90 --dry-run
  netbehave days prune --before 2026-11-01
  netbehave days prune 2026-10-31`,
    )
    .action(async (names: string[], options: PruneOptions) =>
      (await import('../days.ts')).pruneDays(names, options, environment),
    )
}
