// Decoding alone: flows per CPU-second of one thread, no socket, no sealing. One JSON line a case; the median of all runs.
import { FlowBatchBuilder } from '@netbehave/schema'
import { createDecoder } from '../src/index.ts'
import { encodeData, encodeFixed, encodeIpfix, encodeTemplates, fieldSpecs, workloadW } from '../src/testing/index.ts'
import { createNetflowV9Peer } from '../src/testing/netflowv9-peer.ts'

interface Case {
  name: string
  flows: number
  /** Decodes all of the case's flows once. */
  run: () => number
}

const RUNS = 7
const DATAGRAMS = 2_000
const FROM = { ip: '192.0.2.1', port: 2055 }
const receivedMs = Date.UTC(2026, 0, 6, 12)

/** All datagrams through one decoder into one builder that is emptied when full; how many flows. */
function ours(template: Uint8Array, datagrams: readonly Uint8Array[]): () => number {
  const decoder = createDecoder()
  const builder = new FlowBatchBuilder()
  const empty = () => builder.clear()
  if (template.length > 0) decoder.decode(template, FROM, receivedMs, builder, empty)
  return () => {
    let flows = 0
    for (const datagram of datagrams) flows += decoder.decode(datagram, FROM, receivedMs, builder, empty).appended
    return flows
  }
}

const workload = workloadW({ datagrams: DATAGRAMS })

function caseOfIpfixVariable(): Case {
  const spec = {
    id: 300,
    fields: fieldSpecs('8:4 12:4 7:2 11:2 4:1 1:8 2:8 152:8 153:8 96:v'),
  } as const
  const records = Array.from({ length: 20 }, (_, i) => {
    return [`10.0.0.${i}`, '192.0.2.80', 40_000 + i, 443, 6, 1500 + i, 3, receivedMs - 900, receivedMs - 20, 'example']
  })
  const datagram = encodeIpfix([encodeData(spec, records)])
  const datagrams = Array<Buffer>(DATAGRAMS).fill(datagram)
  const run = ours(encodeIpfix([encodeTemplates(10, [spec])]), datagrams)
  return { name: 'IPFIX, variable length, 20 records', flows: DATAGRAMS * 20, run }
}

function caseOfNetflow5(): Case {
  const records = Array.from({ length: 30 }, (_, i) => {
    return {
      srcIp: `10.0.0.${i}`,
      dstIp: '192.0.2.80',
      bytes: 1500,
      packets: 3,
      firstMs: 3_590_000,
      lastMs: 3_599_000,
      protocol: 6,
    }
  })
  const datagrams = Array<Buffer>(DATAGRAMS).fill(encodeFixed(5, records))
  return { name: 'NetFlow 5, 30 records', flows: DATAGRAMS * 30, run: ours(new Uint8Array(), datagrams) }
}

/** The peer makes one object for each flow. */
function caseOfPeer(): Case {
  const peer = createNetflowV9Peer()
  peer.decode(workload.template)
  const datagrams = workload.datagrams.slice(0, DATAGRAMS / 4)
  const run = () => {
    let flows = 0
    for (const datagram of datagrams) flows += peer.decode(datagram).length
    return flows
  }
  return { name: 'node-netflowv9, workload W', flows: datagrams.length * 24, run }
}

/** Flows per CPU-second, runs of all cases taken in turn so that a noisy moment hits them all. */
function measure(cases: readonly Case[]): void {
  const rates = new Map(cases.map(({ name }) => [name, [] as number[]]))
  for (let run = -1; run < RUNS; run++) {
    for (const { name, flows, run: decodeAll } of cases) {
      const repeats = Math.ceil((name.startsWith('node-') ? 100_000 : 4_000_000) / flows)
      const before = process.cpuUsage()
      for (let i = 0; i < repeats; i++) {
        const decoded = decodeAll()
        if (decoded !== flows) throw new Error(`${name}: ${decoded} of ${flows} flows`)
      }
      const { user, system } = process.cpuUsage(before)
      if (run >= 0) rates.get(name)!.push((flows * repeats) / ((user + system) / 1e6))
    }
  }
  for (const [name, all] of rates) {
    all.sort((a, b) => a - b)
    const median = Math.round(all[Math.floor(all.length / 2)]!)
    console.log(JSON.stringify({ bench: 'decode', case: name, unit: 'flows per CPU-second', median, runs: all.length }))
  }
}

measure([
  { name: 'workload W', flows: workload.flows, run: ours(workload.template, workload.datagrams) },
  caseOfNetflow5(),
  caseOfIpfixVariable(),
  caseOfPeer(),
])
