// The options that say which flows are meant and how they are printed: the same for tail and search.
import { type Command, InvalidArgumentError, Option } from 'commander'
import { FLOW_FORMATS, type FlowFormat } from '../output/flow-writer.ts'
import { protocolNumber } from '../output/protocols.ts'
import { parseTime, TimeError } from '../time.ts'
import { dataOption, wholeNumber } from './options.ts'

export interface FlowOptions {
  data?: string
  src?: string
  dst?: string
  ip?: string
  port?: number
  protocol?: number
  limit?: number
  output: FlowFormat
}

/** Adds them in the order of the help. */
export function addFlowOptions(command: Command): Command {
  return command
    .option('--src <address>', 'source address, or block like 192.168.1.0/24')
    .option('--dst <address>', 'destination address, or block')
    .option('--ip <address>', 'address or block of either side')
    .option('--port <n>', 'port of either side', wholeNumber(0, 65_535))
    .option('--protocol <name>', 'tcp, udp, icmp … or its number', readProtocol)
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

function readProtocol(text: string): number {
  const number = protocolNumber(text)
  if (number === undefined) throw new InvalidArgumentError('Write tcp, udp, icmp or a number from 0 to 255.')
  return number
}

/** Reads --from and --to. */
export const readTime =
  (now: () => number) =>
  (text: string): number => {
    try {
      return parseTime(text, now())
    } catch (error) {
      if (error instanceof TimeError) throw new InvalidArgumentError(`${error.message}.`)
      throw error
    }
  }
