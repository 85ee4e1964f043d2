// Flows as JSON, one a line, from a file or stdin. In: what `search`, `tail` and `decode` print with -o json, or flows written by hand.
// Fails: CommandError 66 when it cannot be read; a line that is no flow is a value.
import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { Flow, parseAddress, parseMac } from '@netbehave/schema'
import { nearest } from '@netbehave/service'
import { CommandError, describeSystemError, EXIT } from '../exit-codes.ts'

/** UTF-16 units of one line; a flow has some hundred. */
const LINE_LENGTH = 65_536

/** What a flow written by hand may leave out. */
const DEFAULTS = {
  ...{ site: 'home', firstMs: 0, lastMs: 0, srcIp: '0.0.0.0', dstIp: '0.0.0.0', srcPort: 0, dstPort: 0, protocol: 0 },
  ...{ bytes: 0, packets: 0, sampling: 1 },
}

export interface FlowLine {
  /** From 1. */
  readonly line: number
  /** The flow, or why the line is none. */
  readonly flow: Flow | string
}

/** The flows that came with one read, so that what comes slowly is answered at once. `-` is stdin. */
export async function* readFlowLines(file: string, stdin: Readable): AsyncGenerator<FlowLine[]> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let line = 0
  try {
    for await (const chunk of file === '-' ? stdin : createReadStream(file)) {
      const lines = (rest + decoder.write(chunk as Buffer)).split('\n')
      rest = lines.pop()!
      const isTooLong = rest.length > LINE_LENGTH
      if (isTooLong)
        throw new CommandError(`line ${line + lines.length + 1} of ${file} is too long for a flow`, EXIT.data)
      yield lines.flatMap((text) => readLine(text, ++line))
    }
  } catch (error) {
    if (error instanceof CommandError) throw error
    throw new CommandError(`${file} cannot be read: ${describeSystemError(error)}`, EXIT.noInput, { cause: error })
  }
  yield readLine(rest, ++line)
}

function readLine(text: string, line: number): FlowLine[] {
  return text.trim() === '' ? [] : [{ line, flow: readFlow(text) }]
}

/** JSON → flow, or what is wrong with it. */
export function readFlow(text: string): Flow | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return `not JSON: ${(error as Error).message}`
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'not an object'
  const parsed = Flow.safeParse({ ...DEFAULTS, ...value })
  if (!parsed.success) return describeIssue(parsed.error.issues[0]!)
  const flow = parsed.data
  for (const key of ['srcIp', 'dstIp', 'natSrcIp', 'natDstIp'] as const) {
    if (flow[key] !== undefined && parseAddress(flow[key]) === undefined) return `${key}: "${flow[key]}" is no address`
  }
  for (const key of ['srcMac', 'dstMac'] as const) {
    if (flow[key] !== undefined && !parseMac(flow[key])) return `${key}: "${flow[key]}" is no MAC`
  }
  return flow
}

type Issue = NonNullable<ReturnType<typeof Flow.safeParse>['error']>['issues'][number]

function describeIssue(issue: Issue): string {
  if (issue.code !== 'unrecognized_keys') return `${issue.path.join('.')}: ${issue.message}`
  const key = issue.keys[0]!
  return `a flow has no "${key}"${nearest(key, Object.keys(Flow.shape))}`
}
