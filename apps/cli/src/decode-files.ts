// Files of datagrams ▸ decode ▸ flows as JSON lines. One decoder for all files, so that a template of the first serves the
// next. Fails: a file that cannot be read is told in one sentence, the others are decoded, the exit code is 66 (65: damaged, or no
// datagram in any of them).
import {
  createDecoder,
  type Decoder,
  exportTimeMs,
  PROBLEM_SENTENCES,
  PROBLEMS,
  zeroProblems,
} from '@netbehave/netflow'
import { type Flow, FlowBatchBuilder } from '@netbehave/schema'
import { CaptureError } from './capture/frame.ts'
import { readDatagrams, type SkippedFrames } from './capture/read-datagrams.ts'
import type { Environment } from './environment.ts'
import { CommandError, describeSystemError, EXIT, systemCode } from './exit-codes.ts'
import { createPrinter } from './output/printer.ts'

/** What stderr tells at the end. */
export interface DecodeSummary {
  datagrams: number
  flows: number
  optionsRecords: number
  /** How often each problem occurred; those that did not are left out. */
  problems: Record<string, number>
  /** Data whose template did not come. */
  awaiting: {
    exporter: string
    domain: number
    version: number
    template: number
    heldSets: number
    droppedSets: number
  }[]
  /** Frames of captures that held no NetFlow or IPFIX, by reason; absent without captures. */
  skippedFrames?: SkippedFrames
}

const BUILDER_ROWS = 4096
/** NetFlow's and IPFIX's usual source and destination port; a file that is one datagram has none. */
const USUAL_PORT = 2055

export async function decodeFiles(
  files: readonly string[],
  { exporter }: { exporter: string },
  { stdout, stderr, now, stop }: Environment,
): Promise<void> {
  const decoder = createDecoder()
  const builder = new FlowBatchBuilder(BUILDER_ROWS)
  const printer = createPrinter(stdout)
  const problems = zeroProblems()
  const skipped: SkippedFrames = {}
  const summary = { datagrams: 0, flows: 0, optionsRecords: 0 }
  const faults: { sentence: string; exitCode: number }[] = []
  let unprinted: Flow[] = []

  /** What the builder holds becomes Flow objects. */
  function empty(): void {
    const batch = builder.seal({ site: '', collector: 'decode', seq: 0, received: 0 })
    for (let i = 0; i < batch.length; i++) unprinted.push(batch.row(i))
  }

  async function print(): Promise<void> {
    empty()
    for (const flow of unprinted) await printer.line(JSON.stringify(flow))
    unprinted = []
  }

  async function decodeFile(path: string): Promise<void> {
    for await (const { bytes, timeMs, from } of readDatagrams(path, skipped)) {
      const receivedMs = timeMs ?? exportTimeMs(bytes) ?? now()
      const result = decoder.decode(bytes, from ?? { ip: exporter, port: USUAL_PORT }, receivedMs, builder, empty)
      summary.datagrams++
      summary.flows += result.appended
      summary.optionsRecords += result.optionsRecords
      if (result.problemCount > 0) for (const problem of PROBLEMS) problems[problem] += result.problems[problem]
      await print()
      if (stop.aborted) return
    }
  }

  for (const path of files) {
    if (stop.aborted) break
    try {
      await decodeFile(path)
    } catch (error) {
      await print()
      const fault = describeFault(path, error)
      if (!fault) throw error
      stderr.write(`netbehave: ${fault.sentence}\n`)
      faults.push(fault)
    }
  }
  await printer.flush()
  const hasSkipped = Object.keys(skipped).length > 0
  const told: DecodeSummary = {
    ...summary,
    problems: Object.fromEntries(Object.entries(problems).filter(([, count]) => count > 0)),
    awaiting: listAwaited(decoder),
    ...(hasSkipped && { skippedFrames: skipped }),
  }
  if (faults.length === 0 && !stop.aborted && isNothingUnderstood(summary.datagrams, problems)) {
    const sentence = `${files.join(', ')}: no NetFlow or IPFIX datagram in it`
    stderr.write(`netbehave: ${sentence}\n`)
    faults.push({ sentence, exitCode: EXIT.data })
  }
  if (stderr.isTTY) for (const sentence of explainProblems(told)) stderr.write(`${sentence}\n`)
  stderr.write(`${JSON.stringify(told)}\n`)
  if (faults.length > 0) throw new CommandError('', Math.max(...faults.map(({ exitCode }) => exitCode)))
}

/** For people, a line for each problem: what it means and what to do. Data whose template came later is decoded and no problem. */
function explainProblems({ problems, awaiting }: DecodeSummary): string[] {
  return PROBLEMS.filter((problem) => {
    if (problem === 'template-missing' && awaiting.length === 0) return false
    return problem in problems
  }).map((problem) => `${problem}: ${PROBLEM_SENTENCES[problem]}`)
}

function listAwaited(decoder: Decoder): DecodeSummary['awaiting'] {
  return decoder.reports().flatMap(({ ip, domain, version, awaiting }) =>
    awaiting.map(({ id, heldSets, droppedSets }) => ({
      ...{ exporter: ip, domain, version, template: id },
      ...{ heldSets, droppedSets },
    })),
  )
}

/** Not one datagram had a version that we know and a whole header. */
const isNothingUnderstood = (datagrams: number, problems: Readonly<Record<string, number>>): boolean =>
  datagrams === (problems['unknown-version'] ?? 0) + (problems['short-datagram'] ?? 0)

/** Faults of a file, not of ours. */
function describeFault(path: string, error: unknown): { sentence: string; exitCode: number } | undefined {
  if (error instanceof CaptureError) return { sentence: error.message, exitCode: EXIT.data }
  if (!systemCode(error)) return undefined
  return { sentence: `${path} cannot be read: ${describeSystemError(error)}`, exitCode: EXIT.noInput }
}
