import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Flow, FlowBatchBuilder, parseAddress } from '@netbehave/schema'
import { type DenatMode, denat } from './denat.ts'
import { NatTable } from './nat-table.ts'
import { parseNetworks } from './networks.ts'
import { normalise } from './normalise.ts'

const networks = parseNetworks('home=192.168.1.0/24,2001:db8:1::/48')
const START_MS = 1_700_000_000_000

interface Row {
  src: string
  dst: string
  natSrc?: string
  natDst?: string
  protocol?: number
  atS?: number
  lastsS?: number
}

/** `ADDRESS` or `ADDRESS PORT`. */
function put(batch: FlowBatchBuilder, side: 'src' | 'dst', row: number, text: string | undefined, nat: boolean): void {
  if (text === undefined) return
  const [ip = '', port] = text.split(' ')
  const address = parseAddress(ip)!
  const rows = batch.rows
  const column = nat ? (side === 'src' ? 'natSrcIp' : 'natDstIp') : side === 'src' ? 'srcIp' : 'dstIp'
  const portColumn = nat ? (side === 'src' ? 'natSrcPort' : 'natDstPort') : side === 'src' ? 'srcPort' : 'dstPort'
  if (typeof address === 'number') rows[column].v4[row] = address
  else rows[column].set6(row, address, 0)
  rows[portColumn][row] = Number(port ?? 0)
  batch.touch(column)
  batch.touch(portColumn)
}

function run(table: NatTable, flows: Row[], mode: DenatMode = 'guess'): Flow[] {
  const batch = new FlowBatchBuilder()
  flows.forEach((flow, i) => {
    put(batch, 'src', i, flow.src, false)
    put(batch, 'dst', i, flow.dst, false)
    put(batch, 'src', i, flow.natSrc, true)
    put(batch, 'dst', i, flow.natDst, true)
    batch.rows.protocol[i] = flow.protocol ?? 6
    batch.rows.first[i] = START_MS + (flow.atS ?? 0) * 1000
    batch.rows.last[i] = START_MS + ((flow.atS ?? 0) + (flow.lastsS ?? 1)) * 1000
  })
  for (const column of ['protocol', 'first', 'last'] as const) batch.touch(column)
  batch.commit(flows.length)
  normalise(batch, networks)
  denat(batch, table, networks, mode, { exporter: 0, remembered: 0, guessed: 0 })
  const sealed = batch.seal({ site: 's', collector: 'c', seq: 1, received: START_MS })
  return flows.map((_, i) => sealed.row(i))
}
const table = (entries = 1024) => new NatTable(entries, 300_000)
const sides = ({ srcIp, srcPort, dstIp, dstPort, denat: how }: Flow) =>
  `${srcIp} ${srcPort} > ${dstIp} ${dstPort} ${how ?? 0}`

test("the exporter's own fields put the inside host on an answer and keep the outside address", () => {
  const [out, answer] = run(table(), [
    { src: '192.168.1.7 50000', dst: '151.101.1.140 443', natSrc: '203.0.113.5 61000' },
    { src: '151.101.1.140 443', dst: '203.0.113.5 61000', natDst: '192.168.1.7 50000' },
  ])
  assert.equal(sides(out!), '192.168.1.7 50000 > 151.101.1.140 443 1')
  assert.equal(sides(answer!), '151.101.1.140 443 > 192.168.1.7 50000 1')
  assert.equal(answer!.natDstIp, '203.0.113.5')
  assert.equal(answer!.natDstPort, 61000)
  assert.equal(answer!.dstNet, 'home')
})

test('an exporter that translates only addresses keeps the port, also for IPv6', () => {
  const [answer, six] = run(table(), [
    { src: '151.101.1.140 443', dst: '203.0.113.5 50000', natDst: '192.168.1.7' },
    { src: '2001:db8:ffff::1 443', dst: '2001:db8:ffff::5 50000', natDst: '2001:db8:1::7' },
  ])
  assert.equal(sides(answer!), '151.101.1.140 443 > 192.168.1.7 50000 1')
  assert.equal(sides(six!), '2001:db8:ffff::1 443 > 2001:db8:1::7 50000 1')
  assert.equal(six!.natDstIp, '2001:db8:ffff::5')
})

test('fields that repeat the untranslated address are no translation', () => {
  const [flow] = run(table(), [
    { src: '192.168.1.7 50000', dst: '192.168.1.1 53', natSrc: '192.168.1.7 50000', natDst: '192.168.1.1 53' },
  ])
  assert.equal(sides(flow!), '192.168.1.7 50000 > 192.168.1.1 53 0')
})

test('a remembered pair needs protocol, both addresses and both ports', () => {
  const memory = table()
  run(memory, [{ src: '192.168.1.7 50000', dst: '151.101.1.140 443', natSrc: '203.0.113.5 61000', lastsS: 5 }])
  const found = run(memory, [
    { src: '151.101.1.140 443', dst: '203.0.113.5 61000', atS: 1 },
    { src: '203.0.113.5 61000', dst: '151.101.1.140 443', atS: 1 },
    { src: '151.101.1.140 443', dst: '203.0.113.5 61001', atS: 1 },
    { src: '151.101.1.141 443', dst: '203.0.113.5 61000', atS: 1 },
    { src: '151.101.1.140 443', dst: '203.0.113.5 61000', atS: 1, protocol: 17 },
  ])
  assert.equal(sides(found[0]!), '151.101.1.140 443 > 192.168.1.7 50000 2')
  assert.equal(sides(found[1]!), '192.168.1.7 50000 > 151.101.1.140 443 2')
  assert.equal(found[1]!.natSrcIp, '203.0.113.5')
  for (const flow of found.slice(2)) assert.equal(flow.denat, undefined)
})

test('a translation that starts after the flow ended is not applied, nor one that timed out before it began', () => {
  const memory = table()
  run(memory, [
    { src: '192.168.1.7 50000', dst: '151.101.1.140 443', natSrc: '203.0.113.5 61000', atS: 1000, lastsS: 5 },
  ])
  const answer = { src: '151.101.1.140 443', dst: '203.0.113.5 61000' }
  const [before, within, after] = run(memory, [
    { ...answer, atS: 990, lastsS: 5 },
    { ...answer, atS: 1004, lastsS: 5 },
    { ...answer, atS: 1400, lastsS: 5 },
  ])
  assert.equal(before!.denat, undefined)
  assert.equal(within!.denat, 2)
  assert.equal(after!.denat, undefined)
})

test('an answer to a port that one inside host used is a guess and labelled so, also when it stands first', () => {
  const [answer] = run(table(), [
    { src: '151.101.1.140 443', dst: '203.0.113.5 50000' },
    { src: '192.168.1.7 50000', dst: '151.101.1.140 443' },
  ])
  assert.equal(sides(answer!), '151.101.1.140 443 > 192.168.1.7 50000 3')
  assert.equal(answer!.natDstIp, '203.0.113.5')
})

test('when two inside hosts used the port at once there is no guess', () => {
  const [, , answer] = run(table(), [
    { src: '192.168.1.7 50000', dst: '151.101.1.140 443' },
    { src: '192.168.1.8 50000', dst: '151.101.1.140 443' },
    { src: '151.101.1.140 443', dst: '203.0.113.5 50000' },
  ])
  assert.equal(answer!.denat, undefined)
  assert.equal(answer!.dstIp, '203.0.113.5')
})

test('an echo reply is matched by its hosts, and keeps its type and code', () => {
  const [, reply] = run(table(), [
    { src: '192.168.1.7 0', dst: '9.9.9.9 2048', protocol: 1 },
    { src: '9.9.9.9 0', dst: '203.0.113.5 0', protocol: 1 },
  ])
  assert.equal(sides(reply!), '9.9.9.9 0 > 192.168.1.7 0 3')
})

test('modes: each goes as far as it says', () => {
  const flows: Row[] = [
    { src: '192.168.1.7 50000', dst: '151.101.1.140 443' },
    { src: '151.101.1.140 443', dst: '203.0.113.5 50000' },
    { src: '9.9.9.9 53', dst: '203.0.113.5 40000', natDst: '192.168.1.9 40000', protocol: 17 },
    { src: '9.9.9.9 53', dst: '203.0.113.5 40000', protocol: 17 },
  ]
  const how = (mode: DenatMode) => run(table(), flows, mode).map((flow) => flow.denat ?? 0)
  assert.deepEqual(how('guess'), [0, 3, 1, 2])
  assert.deepEqual(how('remember'), [0, 0, 1, 2])
  assert.deepEqual(how('exporter'), [0, 0, 1, 0])
  assert.deepEqual(how('off'), [0, 0, 0, 0])
})

test('nothing is remembered for guesses until a flow between two outside addresses turns up', () => {
  const memory = table()
  const out = { src: '192.168.1.7 50000', dst: '151.101.1.140 443' }
  const answer = { src: '151.101.1.140 443', dst: '203.0.113.5 50000' }
  run(memory, [out])
  assert.equal(memory.counters.outgoing, 0)
  assert.equal(run(memory, [answer])[0]!.denat, undefined)
  run(memory, [out])
  assert.equal(run(memory, [answer])[0]!.denat, 3)
  run(memory, [{ ...out, atS: 1000 }])
  assert.equal(memory.counters.outgoing, 1)
})

test('the table is bounded: old entries give way and are counted', () => {
  const memory = table(1024)
  run(memory, [{ src: '151.101.1.140 443', dst: '203.0.113.5 9' }]) // from here on guesses are expected
  const flows = Array.from({ length: 4000 }, (_, i): Row => ({ src: `192.168.1.7 ${i + 1}`, dst: '151.101.1.140 443' }))
  run(memory, flows)
  assert.ok(memory.counters.evicted >= 4000 - 1024, `${memory.counters.evicted} evicted`)
  const [answer] = run(memory, [{ src: '151.101.1.140 443', dst: '203.0.113.5 4000' }])
  assert.equal(answer!.denat, 3)
})
