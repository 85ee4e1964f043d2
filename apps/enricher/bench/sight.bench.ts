// What step sight costs at 250,000 flows/s of workload W (1,000 local addresses): of a second of the enricher's thread, and a flow beside the
// other steps of the same batches (decode, services, the shipped rules, encode).
// node sight.bench.ts [--seconds 30: of flows, not of time]
import { parseArgs } from 'node:util'
import { median, printResult, workloadBatches } from '@netbehave/bench'
import { BATCH_FLOWS, decodeFlowBatch, encodeFlowBatch } from '@netbehave/schema'
import { AlertTable } from '../src/alert-table.ts'
import { EnricherConfig } from '../src/config.ts'
import { createMatch } from '../src/match.ts'
import { createNameServices } from '../src/name-services.ts'
import { watchRuleFiles } from '../src/rule-files.ts'
import { readServiceTable } from '../src/service-table.ts'
import { SightTable } from '../src/sight.ts'

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '30' } } })
const seconds = Number(values.seconds)
const FLOWS_A_SECOND = 250_000
const BATCHES_A_SECOND = Math.round(FLOWS_A_SECOND / BATCH_FLOWS)
const SIGHTINGS_A_REQUEST = 256
const ROUNDS = 5

const config = EnricherConfig.parse({})
const startMs = Date.now()
const pool = workloadBatches(32, startMs)
const nameServices = createNameServices(readServiceTable(config.servicesFile))
const alerts = new AlertTable(config.alertSources)
const match = createMatch(alerts)
const log = { info() {}, warn() {}, error() {} } as unknown as Parameters<typeof watchRuleFiles>[0]['log']
using _files = watchRuleFiles({ named: [], intervalMs: 60_000, log, onRules: match.setRules })

round() // warms up
const rounds = Array.from({ length: ROUNDS }, round)
const nsAFlow = (ms: number) => Math.round((ms / (seconds * FLOWS_A_SECOND)) * 1e6)
/** Of a second of the enricher's one thread. */
const ofThread = rounds.map(({ sight }) => Math.round((sight / (seconds * 1000)) * 10_000) / 100)
printResult({
  ...{ bench: 'sight', case: "step sight at 250,000 flows/s, of the time of the enricher's thread", unit: '%' },
  ...{ value: median(ofThread), bar: 5, better: 'less', runs: ofThread },
  notes: {
    'ns a flow, sight': nsAFlow(median(rounds.map(({ sight }) => sight))),
    'ns a flow, other steps, without broker and look-ups': nsAFlow(median(rounds.map(({ others }) => others))),
    'sightings told': rounds[0]!.told,
  },
})

/** Milliseconds of step sight and of the others, for so many seconds of flows. */
function round(): { sight: number; others: number; told: number } {
  const sights = new SightTable(config.sightAddresses, config.sightIntervalMs)
  const sum = { sight: 0, others: 0, told: 0 }
  for (let second = 0; second < seconds; second++) {
    const nowMs = startMs + second * 1000
    for (let i = 0; i < BATCHES_A_SECOND; i++) {
      const at = performance.now()
      const batch = nameServices(decodeFlowBatch(pool[(second * BATCHES_A_SECOND + i) % pool.length]!))
      const enriched = performance.now()
      sights.note(batch)
      const noted = performance.now()
      encodeFlowBatch(match.match(batch, false, nowMs).batch)
      sum.sight += noted - enriched
      sum.others += enriched - at + performance.now() - noted
    }
    const at = performance.now()
    for (;;) {
      const sightings = sights.due(nowMs, SIGHTINGS_A_REQUEST)
      if (sightings.length === 0) break
      new TextEncoder().encode(JSON.stringify({ sightings }))
      sights.told(sightings, nowMs)
      sum.told += sightings.length
    }
    sum.sight += performance.now() - at
  }
  return sum
}
