// What matching costs: ns of CPU for each flow, over batches of 4,096. One JSON line a case, the median of all runs.
import { type BenchResult, median, printResult } from '@netbehave/bench'
import type { FlowBatch } from '@netbehave/schema'
import { compile, compileRules, parse } from '../src/index.ts'
import { makeBatches } from './batches.ts'

const RUNS = 7
const ROUNDS = 12
const FLOWS = 4096

/** Conditions of the kinds that the original's file has. */
const ORIGINAL_KIND = [
  'protocol_name=ICMP',
  'protocol_name=IGMP',
  'protocol_name=UDP, dst/port=123',
  'protocol_name=UDP, src/port=123',
  'dst/ip=8.8.8.8, dst/port=53',
  ...['8.8.8.8', '1.1.1.1', '1.0.0.1', '9.9.9.9'].flatMap((ip) => [
    `dst/ip=${ip}, dst/port=853`,
    `src/ip=${ip}, src/port=853`,
  ]),
  ...['cloudfront.net', 'akamaiedge.net', 'ampproject.net'].flatMap((zone) => [
    `src/domain=*.${zone}`,
    `dst/domain=*.${zone}`,
  ]),
  'protocol_name=UDP, dst/port=8888, bytes=29',
  'src/arin/name=GOOGLE',
  'dst/arin/name=GOOGLE',
  'dst/port=5222',
  'src/port=5222',
].slice(0, 24)

const MANY = Array.from({ length: 240 }, (_, i) => {
  const kinds = [
    `port = ${1000 + i}`,
    `name = *.zone-${i}.example`,
    `ip = 198.51.${i}.0/24`,
    `dst.port = ${i} and bytes > ${i}k`,
  ]
  return kinds[i % kinds.length]!
})

const plain = { batches: 24, flows: FLOWS }

measureRules('24 rules of the original’s kind', ORIGINAL_KIND, makeBatches(plain), { bar: 150, better: 'less' })
measureRules('24 rules, a tenth of the flows IPv6', ORIGINAL_KIND, makeBatches({ ...plain, ipv6: 0.1 }))
measureRules('24 rules, every name new', ORIGINAL_KIND, makeBatches({ ...plain, newNames: true }), undefined, true)
measureRules('240 rules', MANY, makeBatches(plain))
for (const filter of [
  'dst.port = 443',
  'ip = 8.8.8.8',
  'src.ip = 23.0.0.0/12',
  'name = *.cloudfront.net',
  'name ~ host and bytes > 10k',
  'src.net != @dst.net',
]) {
  measure(`filter ${filter}`, makeBatches(plain), () => {
    const compiled = compile(parse(filter))
    return (batch) => {
      const matches = compiled.bind(batch)
      let matched = 0
      for (let i = 0; i < batch.length; i++) if (matches(i)) matched++
      return matched
    }
  })
}

function measureRules(
  name: string,
  filters: readonly string[],
  batches: readonly FlowBatch[],
  bar?: Pick<BenchResult, 'bar' | 'better'>,
  fresh = false,
): void {
  const compileAll = () => {
    const rules = compileRules(filters.map((filter) => parse(filter)))
    return (batch: FlowBatch) => {
      const first = rules.bind(batch)
      let matched = 0
      for (let i = 0; i < first.length; i++) if (first[i] !== 0) matched++
      return matched
    }
  }
  measure(name, batches, compileAll, bar, fresh)
}

/** `fresh`: compile again for each round, so that nothing is known of the texts. */
function measure(
  name: string,
  batches: readonly FlowBatch[],
  make: () => (batch: FlowBatch) => number,
  bar?: Pick<BenchResult, 'bar' | 'better'>,
  fresh = false,
): void {
  let count = make()
  let matched = 0
  for (const batch of batches) matched += count(batch)
  const runs = Array.from({ length: RUNS }, () => {
    const before = process.cpuUsage()
    for (let round = 0; round < ROUNDS; round++) {
      if (fresh) count = make()
      for (const batch of batches) count(batch)
    }
    const { user, system } = process.cpuUsage(before)
    return ((user + system) * 1000) / (ROUNDS * batches.length * FLOWS)
  })
  const round = (value: number) => Math.round(value * 10) / 10
  const notes = { 'matched, %': round((matched * 100) / (batches.length * FLOWS)) }
  printResult({
    bench: 'filter',
    case: name,
    value: round(median(runs)),
    unit: 'CPU-ns/flow',
    ...bar,
    runs: runs.map(round),
    notes,
  })
}
