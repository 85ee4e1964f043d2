// netbehave demo: the whole system with a small network that is made up.
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { DemoOptions } from '../demo/options.ts'
import type { Environment } from '../environment.ts'
import { positiveNumber, wholeNumber } from './options.ts'

const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000 }
const LONGEST_MS = 31 * 86_400_000

/** `3d`, `12h`, `0` → ms. */
function span(text: string): number {
  if (text === '0') return 0
  const [, number, unit] = /^(\d+)([hd])$/.exec(text) ?? []
  const ms = Number(number) * (UNIT_MS[unit ?? ''] ?? Number.NaN)
  if (!(ms > 0 && ms <= LONGEST_MS))
    throw new InvalidArgumentError('Write hours or days, up to 31d: 12h, 3d; 0 for none.')
  return ms
}

export function addDemo(program: Command, environment: Environment): void {
  program
    .command('demo')
    .description('run everything with a small network that is made up, to look around without a router')
    .option('--data <dir>', "the demo's own data folder (default ./data/demo)")
    .addOption(
      new Option('--history <span>', 'how much of the past to make up when the folder is new: 12h, 3d; 0 for none')
        .argParser(span)
        .default(2 * UNIT_MS.d!, '2d'),
    )
    .option('--minutes <n>', 'end by itself after so many minutes', positiveNumber)
    .option('--seed <n>', 'another number, another story', wholeNumber(0, 0xffff_ffff), 1)
    .option('--json', 'print the ready line as JSON')
    .addHelpText(
      'after',
      `
Twelve devices (phones, laptops, a TV, a NAS, a printer, a camera …) ask a name server whose log is read, and talk; their router exports
IPFIX to the collector: 3 to 15 flows a second by the hour of the day, at most 8,000 while the past is filled in. A new device comes every
few minutes, the camera scans the others now and then, both are alerts. Everything else is the real system, on 127.0.0.1, on the usual
ports where they are free. Remove the folder to begin anew. All names and addresses are those reserved for documentation.

Examples:
  netbehave demo
  netbehave demo --history 5d --data /tmp/demo
  netbehave demo --history 0 --minutes 5 --json`,
    )
    .action(async (options: DemoOptions) => (await import('../demo/demo.ts')).demo(options, environment))
}
