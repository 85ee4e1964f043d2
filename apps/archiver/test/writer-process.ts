// An archive in a process of its own, for tests that kill it. Writes one flow for each sequence from FIRST on, two days in turn,
// and stops itself with SIGKILL at a step of a flush. Arguments: data directory, first sequence, batches a flush, step, flush.
import { openArchive } from '../src/archive.ts'
import { ArchiverConfig } from '../src/config.ts'
import { createCounters } from '../src/metrics.ts'
import { DAY_MS, makeBatch, NOON_MS } from '../src/testing.ts'

const [dataDir = '', firstText, batchesText, killStep, killFlushText] = process.argv.slice(2)
const batches = Number(batchesText)
let flushes = 1
const archive = await openArchive({
  dataDir,
  settings: ArchiverConfig.parse({ timeZone: 'UTC', minFreeBytes: 0 }),
  counters: createCounters(),
  log: { info() {}, warn: console.error, error: console.error },
  now: () => NOON_MS,
  onStep: (step) => {
    if (step === killStep && flushes === Number(killFlushText)) process.kill(process.pid, 'SIGKILL')
  },
})
for (let sequence = Number(firstText); ; ) {
  for (let i = 0; i < batches; i++, sequence++) {
    const flows = [
      { srcPort: sequence, bytes: sequence, packets: 1 },
      { srcPort: sequence, bytes: sequence, packets: 1, firstMs: NOON_MS - DAY_MS },
    ]
    archive.write(makeBatch(flows, sequence), sequence, 1)
  }
  await archive.flush()
  process.stdout.write(`${archive.lastSequence(1)}\n`)
  flushes++
}
