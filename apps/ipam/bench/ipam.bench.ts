// 10,000 new addresses at once: how long look-ups take meanwhile, and how much memory the service has. node bench/ipam.bench.ts
import { readFile } from 'node:fs/promises'
import { printResult } from '@netbehave/bench'
import { ask } from '@netbehave/broker'
import { IPAM_LABELS, IPAM_SIGHT, IPAM_STATS } from '@netbehave/schema'
import { addressOf, macOf, makeSighting } from '../src/testing.ts'
import { openSystem } from '../test/system.ts'

const ADDRESSES = 10_000
const PORTS = 3
const ENRICHERS = 2
/** Sightings a request; enrichers send 256 at most. */
const SIZES = [100, 256]
const LOOK_UP_BAR_MS = 20

await using system = await openSystem()
const service = await system.start()
const sighter = system.broker.connect('enricher-sightings')
const asker = system.broker.connect('analyst')
const rssMb = async () => {
  const status = await readFile(`/proc/${service.pid}/status`, 'utf8')
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024)
}

const ports = Array.from({ length: PORTS }, (_, i) => ({ protocol: 6, port: 440 + i, side: 'used' as const, hits: 3 }))
const peers = [{ ip: '192.0.2.1', name: 'host.example.net' }]
const now = Date.now()
const all = Array.from({ length: ADDRESSES }, (_, n) =>
  makeSighting({ ip: addressOf(n + 1), mac: macOf(n), lastMs: now, ports, peers }),
)

/** Look-ups one after the other until told to stop; each its milliseconds. */
async function lookUp(addresses: number, stop: () => boolean): Promise<number[]> {
  const took: number[] = []
  for (let n = 0; !stop(); n++) {
    const asked = Array.from({ length: addresses }, (_, i) => addressOf(((n * 37 + i) % ADDRESSES) + 1))
    const began = performance.now()
    await ask(asker, IPAM_LABELS, { site: 'home', addresses: asked })
    took.push(performance.now() - began)
  }
  return took
}

const say = (what: string, took: number[]) => {
  const sorted = took.toSorted((a, b) => a - b)
  const at = (share: number) =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]! * 10) / 10
  printResult({
    ...{ bench: 'ipam', case: `look-ups of 16 addresses, p99, ${what}`, value: at(0.99), unit: 'ms', better: 'less' },
    ...{ bar: LOOK_UP_BAR_MS, notes: { 'look-ups': sorted.length, 'p50, ms': at(0.5), 'most, ms': at(1) } },
  })
}

const memoryBefore = await rssMb()
const untilMs = performance.now() + 3000
say('idle', await lookUp(16, () => performance.now() > untilMs))
for (const size of SIZES) {
  let isDone = false
  const looking = lookUp(16, () => isDone)
  const sightings = all.map((sighting) => ({ ...sighting, site: `site-${size}` }))
  const requests = Array.from({ length: Math.ceil(ADDRESSES / size) }, (_, i) =>
    sightings.slice(i * size, (i + 1) * size),
  )
  // As enrichers do: each has one request on its way.
  const waiting = [...requests]
  await Promise.all(
    Array.from({ length: ENRICHERS }, async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        await ask(sighter, IPAM_SIGHT, { sightings: next }, { timeoutMs: 120_000 })
    }),
  )
  while ((await ask(asker, IPAM_STATS, {})).outbox.waiting > 0) await new Promise((resolve) => setTimeout(resolve, 50))
  isDone = true
  say(`${ADDRESSES} new addresses at once, ${size} a request`, await looking)
}
printResult({
  ...{ bench: 'ipam', case: 'resident with 20,000 assets', value: await rssMb(), unit: 'MB', better: 'less' },
  notes: { 'before, MB': memoryBefore },
})
