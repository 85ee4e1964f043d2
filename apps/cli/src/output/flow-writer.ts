// Flows on stdout in the form that was asked for with -o.
import type { Writable } from 'node:stream'
import type { Flow } from '@netbehave/schema'
import { createFlowLineFormatter, createFlowWideFormatter } from './flow-line.ts'
import { createPrinter } from './printer.ts'

export const FLOW_FORMATS = ['line', 'wide', 'json', 'csv'] as const
export type FlowFormat = (typeof FLOW_FORMATS)[number]

export interface FlowWriter {
  /** Await it in loops. */
  write(flow: Flow): Promise<void> | undefined
  flush(): Promise<void>
}

/** json: one Flow object a line. csv: a heading, then a line each, cells that a spreadsheet would run made harmless. */
export async function createFlowWriter(format: FlowFormat, out: Writable): Promise<FlowWriter> {
  const printer = createPrinter(out)
  const formatFlow = await chooseFormat(format, (heading) => printer.line(heading))
  return { write: (flow) => printer.line(formatFlow(flow)), flush: printer.flush }
}

async function chooseFormat(format: FlowFormat, head: (line: string) => void): Promise<(flow: Flow) => string> {
  if (format === 'json') return (flow) => JSON.stringify(flow)
  if (format === 'line') return createFlowLineFormatter()
  if (format === 'wide') return createFlowWideFormatter()
  const { CSV_COLUMNS, csvLine } = await import('@netbehave/history')
  head(CSV_COLUMNS.join(','))
  return csvLine
}
