// How many flows per CPU-second the archiver keeps: decode, stage, flush, merge; then the close of the day and its database.
// One JSON line per case. The batches are made first, by a process of their own. `node bench/archiver.bench.ts --flows 4000000`
import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { decodeFlowBatch } from '@netbehave/schema'
import { openArchive } from '../src/archive.ts'
import { ArchiverConfig } from '../src/config.ts'
import { createCounters } from '../src/metrics.ts'
import { createWorkload } from './workload.ts'

const { values } = parseArgs({
  options: {
    flows: { type: 'string', default: '4000000' },
    batch: { type: 'string', default: '4096' },
    /** Keeps the archive in this folder, for the benchmark of history. */
    keep: { type: 'string' },
    'no-close': { type: 'boolean', default: false },
    'no-database': { type: 'boolean', default: false },
    generate: { type: 'string' },
  },
})
const flowsPerBatch = Number(values.batch)
const batches = Math.ceil(Number(values.flows) / flowsPerBatch)
const DAY_MS = 86_400_000
const startMs = Date.UTC(2026, 10, 24)

if (values.generate !== undefined) generate(values.generate)
else await measure(values.keep ?? mkdtempSync(join(tmpdir(), 'netbehave-bench-')))

/** Batches one after the other, each behind its length. */
function generate(path: string): void {
  const nextBatch = createWorkload({ flowsPerBatch, startMs, batchMs: Math.max(1, Math.floor(DAY_MS / batches)) })
  const file = openSync(path, 'w')
  const length = new Uint32Array(1)
  for (let i = 0; i < batches; i++) {
    const bytes = nextBatch()
    length[0] = bytes.length
    writeSync(file, new Uint8Array(length.buffer))
    writeSync(file, bytes)
  }
  closeSync(file)
}

function* readBatches(path: string): Generator<Uint8Array> {
  const file = openSync(path, 'r')
  const length = new Uint32Array(1)
  while (readSync(file, length) === 4) {
    const bytes = new Uint8Array(length[0]!)
    readSync(file, bytes)
    yield bytes
  }
  closeSync(file)
}

async function measure(dataDir: string): Promise<void> {
  const input = mkdtempSync(join(tmpdir(), 'netbehave-bench-input-'))
  const batchFile = join(input, 'batches')
  const args = ['--generate', batchFile, '--flows', values.flows, '--batch', values.batch]
  execFileSync(process.execPath, [import.meta.filename, ...args], { stdio: 'inherit' })
  const sqliteDays = values['no-database'] ? 'on-demand' : 'on-close'
  const settings = ArchiverConfig.parse({ timeZone: 'UTC', minFreeBytes: 0, sqliteDays })
  const counters = createCounters()
  let nowMs = startMs + DAY_MS / 2
  const log = { info() {}, warn: console.error, error: console.error }
  let peakRss = 0
  const watch = setInterval(() => {
    peakRss = Math.max(peakRss, process.memoryUsage.rss())
  }, 50)

  const archive = await openArchive({ dataDir, settings, counters, log, now: () => nowMs })
  const begun = measureFrom()
  const laps: number[] = []
  let lap = measureFrom()
  let flushing: Promise<unknown> = Promise.resolve()
  let sequence = 0
  for (const bytes of readBatches(batchFile)) {
    const batch = decodeFlowBatch(bytes)
    if (archive.mustFlushBefore(batch.length, 1)) {
      await flushing
      flushing = archive.flush().then(() => archive.maintain())
      laps.push(settings.flushRows / lap.cpuSeconds())
      lap = measureFrom()
    }
    archive.write(batch, ++sequence, 1)
  }
  await flushing
  await archive.flush()
  await archive.maintain()
  const kept = archive.catalog.days()
  const perCpuSecond = Math.round(counters.flushedFlows / begun.cpuSeconds())
  print('keep: decode, stage, flush, merge', perCpuSecond, 'flows/CPU-s', {
    flows: counters.flushedFlows,
    'median flush': Math.round(laps.slice(1).toSorted((a, b) => a - b)[(laps.length - 1) >> 1] ?? 0),
    'wall s': begun.wallSeconds(),
    merges: counters.merges,
    files: kept.reduce((sum, day) => sum + day.files, 0),
    'bytes a flow': round(kept.reduce((sum, day) => sum + day.diskBytes, 0) / counters.flushedFlows),
  })
  print('keep: memory at the peak', Math.round(peakRss / 1e6), 'MB')

  if (!values['no-close']) {
    const close = measureFrom()
    nowMs = startMs + DAY_MS * 1.5
    await archive.maintain()
    const [day] = archive.catalog.days()
    const database = day!.database?.bytes ?? 0
    print(
      `close${database > 0 ? ' with the daily database' : ''}`,
      Math.round(day!.flows / close.cpuSeconds()),
      'flows/CPU-s',
      {
        flows: day!.flows,
        'wall s': close.wallSeconds(),
        'daily database, bytes': database,
      },
    )
    print('closed day on disk', round((day!.diskBytes - database) / day!.flows), 'bytes a flow')
    print('close: memory at the peak', Math.round(peakRss / 1e6), 'MB')
  }
  clearInterval(watch)
  await archive[Symbol.asyncDispose]()
  rmSync(input, { recursive: true })
  if (values.keep === undefined) rmSync(dataDir, { recursive: true })
}

function measureFrom() {
  const cpu = process.cpuUsage()
  const wallMs = performance.now()
  return {
    cpuSeconds() {
      const { user, system } = process.cpuUsage(cpu)
      return (user + system) / 1e6
    },
    wallSeconds: () => round((performance.now() - wallMs) / 1000),
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

/** One figure in the form that scripts/bench.mjs collects. */
function print(name: string, value: number, unit: string, notes: Record<string, number> = {}): void {
  process.stdout.write(`${JSON.stringify({ bench: 'archiver', case: name, value, unit, notes })}\n`)
}
