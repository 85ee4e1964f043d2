// Every scenario of the captures' manifest: its count of records and its listed values.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Flow } from '@netbehave/schema'
import type { Problem } from './problems.ts'
import {
  type CaptureScenario,
  captureScenarios,
  capturesAbsent,
  type ListedFlow,
  readCapture,
} from './testing/captures.ts'
import { decodingBench } from './testing/decoding.ts'

function decodeScenario(scenario: CaptureScenario) {
  const bench = decodingBench()
  const flows: Flow[] = []
  const problems: Partial<Record<Problem, number>> = {}
  let optionsRecords = 0
  for (const { file, exporter } of scenario.datagrams) {
    const decoded = bench.decode(readCapture(file), { ip: exporter })
    flows.push(...decoded.flows)
    optionsRecords += decoded.optionsRecords
    for (const [problem, count] of Object.entries(decoded.problems)) {
      problems[problem as Problem] = (problems[problem as Problem] ?? 0) + count
    }
  }
  return { flows, optionsRecords, problems, decoder: bench.decoder }
}

/** The values of a flow that the manifest lists, under its names. */
function asListed(flow: Flow, listed: ListedFlow): ListedFlow {
  const values: Required<ListedFlow> = {
    srcAddress: flow.srcIp,
    dstAddress: flow.dstIp,
    srcPort: flow.srcPort,
    dstPort: flow.dstPort,
    protocol: flow.protocol,
    bytes: flow.bytes,
    packets: flow.packets,
    durationSeconds: (flow.lastMs - flow.firstMs) / 1000,
    postNatSrcAddress: flow.natSrcIp ?? '',
    postNatDstAddress: flow.natDstIp ?? '',
  }
  return Object.fromEntries(Object.keys(listed).map((name) => [name, values[name as keyof ListedFlow]]))
}

for (const scenario of captureScenarios()) {
  test(`${scenario.scenario} decodes to its listed records`, () => {
    const { flows, optionsRecords, problems } = decodeScenario(scenario)
    if (scenario.records === null) assert.notDeepEqual(problems, {}, 'a problem is counted')
    else assert.equal(flows.length + optionsRecords, scenario.records, 'number of records')
    const listed = scenario.flows.filter((flow) => Object.keys(flow).length > 0)
    const decoded = flows.slice(flows.length - listed.length)
    assert.deepEqual(
      listed.map((flow, index) => asListed(decoded[index]!, flow)),
      listed,
    )
  })
}

test('every capture decodes to its listed records', { skip: capturesAbsent }, () => {
  assert.ok(captureScenarios().length >= 26)
})
