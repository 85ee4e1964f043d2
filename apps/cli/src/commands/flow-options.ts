// The arguments and options that say which flows are meant and how they are printed, shared by the commands that look at flows.
import { type Command, InvalidArgumentError, Option } from 'commander'
import { FLOW_FORMATS, type FlowFormat } from '../output/flow-writer.ts'
import type { FilterOptions } from '../read-filter.ts'
import { parseTime, TimeError } from '../time.ts'
import { dataOption, wholeNumber } from './options.ts'

export interface FlowOptions extends FilterOptions {
  data?: string
  limit?: number
  output: FlowFormat
}

/** What every help that takes a FILTER says. */
export const FILTER_HELP = `
FILTER is written in the language of docs/filter.md; best in single quotes, for the shell has its own use of < > ! * ( ).`

/** FILTER, and the options that are short for one condition each. */
export function addFilter(command: Command): Command {
  return command
    .argument('[filter...]', "conditions that all must hold: dst.port=443 'name=*.example.com'")
    .option('--src <address>', 'source address, or block like 192.168.1.0/24: short for src.ip=…')
    .option('--dst <address>', 'destination address, or block: dst.ip=…')
    .option('--ip <address>', 'address or block of either side: ip=…')
    .option('--port <port>', 'port of either side: port=…')
    .option('--protocol <name>', 'tcp, udp, icmp … or its number: protocol=…')
}

/** Adds them in the order of the help. */
export function addFlowOptions(command: Command): Command {
  return addFilter(command)
    .option('--limit <n>', 'flows at most', wholeNumber(1))
    .addOption(
      new Option(
        '-o, --output <form>',
        'line: one line a flow; wide: with everything known; json: an object a line; csv',
      )
        .choices(FLOW_FORMATS)
        .default('line'),
    )
    .addOption(dataOption())
}

export interface SpanOptions {
  from?: number
  to?: number
  /** Seconds. */
  timeout: number
}

/** The span of history that is looked at, and how long that may take. */
export function addSpan(command: Command, now: () => number): Command {
  return command
    .option('--from <time>', 'active at or after this time', readTime(now))
    .option('--to <time>', 'begun before this time', readTime(now))
    .option('--timeout <seconds>', 'how long the search may take', wholeNumber(1), 30)
}

export const TIME_HELP = `
Times are of this machine's zone: 2026-11-24T04:10, 2026-11-24, 04:10, -24h, -15m, today, yesterday, epoch milliseconds.`

/** Reads --from and --to. */
const readTime =
  (now: () => number) =>
  (text: string): number => {
    try {
      return parseTime(text, now())
    } catch (error) {
      if (error instanceof TimeError) throw new InvalidArgumentError(`${error.message}.`)
      throw error
    }
  }
