// 10,000 new addresses at once: how long look-ups take meanwhile, and how much memory the service has. Prints a line each; no bar here.
// `npm run -w apps/ipam bench`
import { readFile } from 'node:fs/promises'
import { ask } from '@netbehave/broker'
import { IPAM_LABELS, IPAM_SIGHT, IPAM_STATS } from '@netbehave/schema'
import { addressOf, macOf, makeSighting } from '../src/testing.ts'
import { openSystem } from '../test/system.ts'

const ADDRESSES = 10_000
const PORTS = 3
const ENRICHERS = 2

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
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!.toFixed(1)
  console.log(`${what}: ${sorted.length} look-ups, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms`)
}

console.log(`memory before: ${await rssMb()} MB`)
const untilMs = performance.now() + 3000
say('idle, 16 addresses', await lookUp(16, () => performance.now() > untilMs))
for (const size of [100, 256, 1000]) {
  let isDone = false
  const looking = lookUp(16, () => isDone)
  const began = performance.now()
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
  const seconds = (performance.now() - began) / 1000
  while ((await ask(asker, IPAM_STATS, {})).outbox.waiting > 0) await new Promise((resolve) => setTimeout(resolve, 50))
  isDone = true
  say(`${ADDRESSES} new addresses, ${size} a request, taken in ${seconds.toFixed(1)} s`, await looking)
}
console.log(`memory after: ${await rssMb()} MB`)
