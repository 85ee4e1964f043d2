// One box with nothing to do: memory of everything that runs; and how long the second `npm start` takes until it is ready.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { childPids, cpuSeconds, median, memoryOf, printResult, startChild, until } from '@netbehave/bench'
import { LAUNCHER } from '../src/programs.ts'
import { startSystem } from '../src/system.ts'

const STARTS = 5
/** By then the garbage of the start was collected. */
const AFTER_START_MS = 10_000
const MB = 1e6

await idleMemory()
await secondStart()

async function idleMemory(): Promise<void> {
  await using system = await startSystem()
  const pids = [system.pid, ...(await childPids(system.pid))]
  await wait(AFTER_START_MS)
  await untilIdle(system.pid)
  const memories = pids.map(memoryOf)
  const sum = (of: 'rssBytes' | 'pssBytes') => memories.reduce((total, memory) => total + memory[of], 0)
  printResult({
    ...{ bench: 'box', case: 'one box idle, everything running, resident', value: Math.round(sum('rssBytes') / MB) },
    ...{ unit: 'MB', bar: 300, better: 'less' },
    notes: { processes: pids.length, 'proportional, MB': Math.round(sum('pssBytes') / MB) },
  })
}

/** Idle: less than a twentieth of a CPU for two seconds. */
async function untilIdle(pid: number): Promise<void> {
  let [cpu, atMs] = [cpuSeconds(pid), performance.now()]
  await until('the system is idle', () => {
    const seconds = (performance.now() - atMs) / 1000
    if (seconds < 2) return false
    const used = cpuSeconds(pid) - cpu
    ;[cpu, atMs] = [cpuSeconds(pid), performance.now()]
    return used / seconds < 0.05
  })
}

/** As `npm start` does it, with the bootstrap; the first start makes the data directory. */
async function secondStart(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'netbehave-bench-'))
  const address = '127.0.0.1:0'
  const args = ['up', '--data', dataDir, '--listen', address, '--nats', address, '--http', address, '--json']
  const startMs: number[] = []
  for (let i = 0; i <= STARTS; i++) {
    const beganMs = performance.now()
    await using netbehave = startChild(LAUNCHER, args, { cwd: dataDir })
    await netbehave.line((line) => line.startsWith('{"ready"'))
    startMs.push(Math.round(performance.now() - beganMs))
  }
  const runs = startMs.slice(1)
  printResult({
    ...{
      bench: 'box',
      case: 'second start to ready',
      value: median(runs),
      unit: 'ms',
      bar: 3000,
      better: 'less',
      runs,
    },
  })
  await rm(dataDir, { recursive: true, force: true })
}
