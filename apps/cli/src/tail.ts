// Flows as they come: a core subscription to what the enricher publishes, so that looking changes nothing for anybody.
// Bounded: what cannot be printed in time is left out and counted. Fails: CommandError when no broker answers.
import { compile } from '@netbehave/filter'
import { decodeFlowBatch, type FlowBatch, FlowBatchError, SUBJECT_FAMILIES } from '@netbehave/schema'
import { chooseBroker, connectToCopy } from './broker-client.ts'
import type { FlowOptions } from './commands/flow-options.ts'
import type { Environment } from './environment.ts'
import { createFlowWriter } from './output/flow-writer.ts'
import { countOf } from './output/numbers.ts'
import { readFilter } from './read-filter.ts'

export interface TailOptions extends FlowOptions {
  broker?: string
}

/** Batches that wait for a slow terminal. */
const MAX_WAITING = 64

export async function tail(words: readonly string[], options: TailOptions, environment: Environment): Promise<void> {
  const { stdout, stderr, stop } = environment
  const filter = compile(readFilter(words, options, environment))
  const writer = await createFlowWriter(options.output, stdout)
  const waiting: FlowBatch[] = []
  let wake: (() => void) | undefined
  let left = options.limit ?? Number.POSITIVE_INFINITY
  let missed = 0
  let damaged = 0

  function onMessage(bytes: Uint8Array): void {
    try {
      const batch = decodeFlowBatch(bytes)
      if (waiting.length < MAX_WAITING) waiting.push(batch)
      else missed += batch.length
    } catch (error) {
      if (!(error instanceof FlowBatchError)) throw error
      damaged++
    }
    wake?.()
  }

  const { url } = await chooseBroker(options, environment)
  await using broker = await connectToCopy(options, 'analyst', environment)
  using _subscription = broker.subscribe(SUBJECT_FAMILIES.flowsEnriched, onMessage)
  if (stderr.isTTY) stderr.write(`${describeListening(url)}\n`)
  stop.addEventListener('abort', () => wake?.(), { once: true })
  while (!stop.aborted && left > 0) {
    const batch = waiting.shift()
    if (batch) await print(batch)
    else {
      await writer.flush()
      await new Promise<void>((resolve) => {
        wake = resolve
        if (waiting.length > 0 || stop.aborted) resolve()
      })
    }
  }
  await writer.flush()
  if (missed > 0) stderr.write(`netbehave: ${countOf(missed, 'flow')} came too fast to be shown\n`)
  if (damaged > 0) stderr.write(`netbehave: ${countOf(damaged, 'batch', 'batches')} could not be understood\n`)

  async function print(batch: FlowBatch): Promise<void> {
    const matches = filter.bind(batch)
    for (let i = 0; i < batch.length && left > 0; i++) {
      if (!matches(i)) continue
      left--
      await writer.write(batch.row(i))
    }
  }
}

/** For whoever waits in front of a terminal where nothing comes. The address without what may be a password in it. */
const describeListening = (brokerUrl: string): string =>
  `listening for flows on ${brokerUrl.replace(/^.*@/, '')}; none yet? "netbehave exporters" says whether an exporter is sending`
