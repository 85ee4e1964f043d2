// softflowd, a real exporter, reads a capture whose flows are known and sends NetFlow 5, 9 and IPFIX through the running
// system: live view, history, the daily database of today and that of yesterday, which is closed.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { until } from '@netbehave/bench'
import { mixedConversations } from '../src/conversations.ts'
import { type DailyRow, dailyRows } from '../src/daily-database.ts'
import type { Packet } from '../src/packets.ts'
import { type ExpectedFlow, flowKey } from '../src/pcap.ts'
import { missingProgram } from '../src/programs.ts'
import { CLOCK_TOLERANCE_MS, type ExportVersion, runSoftflowd, softflowdFlows } from '../src/softflowd.ts'
import { startSystem } from '../src/system.ts'
import { zoneWhereItIs } from '../src/time-zone.ts'

const HOUR_MS = 3_600_000
const CONVERSATIONS = 60
/** Number of a conversation that is a name asked by UDP; so is every sixth after it. */
const A_QUESTION = 205

for (const version of [5, 9, 10] as const) {
  const name = version === 10 ? 'IPFIX' : `NetFlow ${version}`
  test(`what softflowd sends as ${name} is seen live, in history and in the daily databases as the capture holds it`, {
    skip: missingProgram('softflowd'),
    timeout: 300_000,
  }, async () => {
    const nowMs = Date.now()
    await using system = await startSystem({ env: { TZ: zoneWhereItIs(2, nowMs) } })
    await using tail = system.start('tail', '-o', 'json')
    const live = () => jsonLines(tail.stdout)

    // A viewer that has just come sees what comes after: single questions are sent until it shows one.
    const questions: Packet[] = []
    await until('the live view shows flows', async () => {
      const firstNumber = A_QUESTION + questions.length * 3
      const question = mixedConversations({ startMs: nowMs - 5_000, count: 1, firstNumber })
      questions.push(...question)
      await runSoftflowd(question, version, system.collector)
      return live().length > 0
    })

    const now = mixedConversations({ startMs: nowMs - 60_000, count: CONVERSATIONS })
    const yesterday = mixedConversations({ startMs: nowMs - 3.5 * HOUR_MS, count: CONVERSATIONS, firstNumber: 100 })
    const expectedNow = softflowdFlows(now, version)
    const expectedToday = [...expectedNow, ...softflowdFlows(questions, version)]
    const expectedYesterday = softflowdFlows(yesterday, version)
    const expected = [...expectedToday, ...expectedYesterday]
    await runSoftflowd(now, version, system.collector)
    await runSoftflowd(yesterday, version, system.collector)

    const sums = await system.untilFlows(expected.length)
    assert.deepEqual(sums, {
      flows: expected.length,
      bytes: expected.reduce((sum, flow) => sum + flow.bytes, 0),
      packets: expected.reduce((sum, flow) => sum + flow.packets, 0),
    })
    assertSameFlows((await system.search('--limit', '100000')) as unknown as ExpectedFlow[], expected, version)

    const wanted = [...expectedNow, ...expectedYesterday]
    const wantedKeys = new Set(wanted.map(flowKey))
    const shown = () => live().filter((flow) => wantedKeys.has(flowKey(flow)))
    await until('the live view has shown every flow', () => shown().length >= wanted.length)
    assertSameFlows(shown(), wanted, version)

    const [yesterdayName, todayName, ...more] = JSON.parse((await system.run('days', 'ls', '-o', 'json')).stdout) as {
      day: string
    }[]
    assert.deepEqual(more, [], 'there are two days')
    for (const [day, flows] of [
      [todayName!.day, expectedToday],
      [yesterdayName!.day, expectedYesterday],
    ] as const) {
      const path = join(system.dataDir, `${day}.sqlite3`)
      const exported = await system.run('days', 'export', day, '--format', 'sqlite', '--to', path)
      assert.equal(exported.code, 0, exported.stderr)
      assertSameFlows(dailyRows(path).map(toFlow), flows, version)
    }
  })
}

function assertSameFlows(actual: readonly ExpectedFlow[], expected: readonly ExpectedFlow[], version: ExportVersion) {
  const byKey = Map.groupBy(actual, flowKey)
  const wanted = Map.groupBy(expected, flowKey)
  assert.deepEqual([...byKey.keys()].sort(), [...wanted.keys()].sort())
  for (const [key, [flow]] of wanted) {
    const found = byKey.get(key)!
    assert.equal(found.length, 1, `${key} is there once`)
    assert.deepEqual([found[0]!.bytes, found[0]!.packets], [flow!.bytes, flow!.packets], key)
    assertNear(found[0]!.firstMs, flow!.firstMs, version, `${key}: start`)
    assertNear(found[0]!.lastMs, flow!.lastMs, version, `${key}: end`)
  }
}

function assertNear(actualMs: number, expectedMs: number, version: ExportVersion, what: string): void {
  const { early, late } = CLOCK_TOLERANCE_MS[version]
  const offMs = actualMs - expectedMs
  assert.ok(
    offMs >= -early && offMs <= late,
    `${what} is ${offMs} ms off; softflowd's clocks explain ${-early} to ${late}`,
  )
}

/** Whole lines only: the last may still be on its way. */
function jsonLines(text: string): ExpectedFlow[] {
  const lines = text.split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line) as ExpectedFlow)
}

function toFlow(row: DailyRow): ExpectedFlow {
  assert.equal(row.hits, 1)
  return {
    ...{ srcIp: row.srcip, dstIp: row.dstip, srcPort: row.srcport, dstPort: row.dstport, protocol: row.proto },
    ...{ bytes: row.bytes, packets: row.packets },
    ...{ firstMs: Date.parse(`${row.dateAdded}Z`), lastMs: Date.parse(`${row.dateLastSeen}Z`) },
  }
}
