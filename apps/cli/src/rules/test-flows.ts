// netbehave rules test: which rule names each flow, or how many flows each rule names. Exit code 65 when a line is no flow.
import type { Flow } from '@netbehave/schema'
import type { Environment } from '../environment.ts'
import { CommandError, EXIT } from '../exit-codes.ts'
import { createFlowLineFormatter } from '../output/flow-line.ts'
import { createFlowWriter, type FlowFormat, type FlowWriter } from '../output/flow-writer.ts'
import { formatCount } from '../output/numbers.ts'
import { printable } from '../output/printable.ts'
import { createPrinter } from '../output/printer.ts'
import { formatTable, type TableColumn } from '../output/table.ts'
import { createNameFlows } from './name-flows.ts'
import { readFlowLines } from './read-flows.ts'
import { readGoodRules } from './read-rules.ts'

export interface TestOptions {
  rules?: string[]
  count?: boolean
  output: FlowFormat
}

/** Wrong lines that are told one by one. */
const TOLD_LINES = 10

interface Sum {
  rule: string
  flows: number
  bytes: number
}

export async function testRules(file: string, options: TestOptions, environment: Environment): Promise<void> {
  const { stdin, stderr, stop } = environment
  const { rules } = await readGoodRules(options.rules ?? [], environment)
  const nameFlows = createNameFlows(rules)
  const sums = new Map<string, Sum>(
    [...rules.map(({ name }) => name), ''].map((rule) => [rule, { rule, flows: 0, bytes: 0 }]),
  )
  const writer = options.count ? undefined : await createNamedFlowWriter(options.output, environment)
  let wrong = 0
  for await (const lines of readFlowLines(file, stdin)) {
    if (stop.aborted) break
    for (const { line, flow } of lines) {
      if (typeof flow === 'string' && ++wrong <= TOLD_LINES)
        stderr.write(`netbehave: line ${line} is no flow: ${flow}\n`)
    }
    const flows = lines.flatMap(({ flow }) => (typeof flow === 'string' ? [] : [flow]))
    const positions = nameFlows(flows)
    for (const [i, { rule: _, ...flow }] of flows.entries()) {
      const rule = rules[positions[i]!]?.name ?? ''
      const sum = sums.get(rule)!
      sum.flows++
      sum.bytes += flow.bytes
      await writer?.write({ ...flow, ...(rule !== '' && { rule }) })
    }
    await writer?.flush()
  }
  if (options.count) printSums([...sums.values()], options.output, environment)
  if (stop.aborted) throw new CommandError('', EXIT.interrupted)
  if (wrong > 0) throw new CommandError(`${formatCount(wrong)} of the lines are no flow`, EXIT.data)
}

function printSums(all: Sum[], output: FlowFormat, { stdout }: Environment): void {
  const matched = all.filter(({ flows }) => flows > 0)
  if (output !== 'json') stdout.write(`${formatTable(SUM_COLUMNS, matched).join('\n')}\n`)
  else stdout.write(`${JSON.stringify(matched.map((sum) => ({ ...sum, rule: sum.rule === '' ? null : sum.rule })))}\n`)
}

const SUM_COLUMNS: readonly TableColumn<Sum>[] = [
  { heading: 'RULE', value: ({ rule }) => (rule === '' ? '(no rule)' : rule) },
  { heading: 'FLOWS', value: ({ flows }) => formatCount(flows), align: 'right' },
  { heading: 'BYTES', value: ({ bytes }) => formatCount(bytes), align: 'right' },
]

const NAME_WIDTH = 28

/** A flow's line does not show its rule; here it comes first. */
async function createNamedFlowWriter(format: FlowFormat, { stdout }: Environment): Promise<FlowWriter> {
  if (format !== 'line') return createFlowWriter(format, stdout)
  const printer = createPrinter(stdout)
  const formatLine = createFlowLineFormatter()
  const line = (flow: Flow) => `${printable(flow.rule ?? '(no rule)').padEnd(NAME_WIDTH)}  ${formatLine(flow)}`
  return { write: (flow) => printer.line(line(flow)), flush: printer.flush }
}
