import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { CLOSED_TIER, openHistory, paths } from '@netbehave/history'
import { openDatabase } from '@netbehave/sqlite'
import { DAY_MS, HOUR_MS, makeBatch, NOON_MS, openTestArchive, type TestArchive } from './testing.ts'

const STREAM = 1
const DAY = '2026-11-24'
const MIDNIGHT_MS = NOON_MS + 12 * HOUR_MS

async function put(archive: TestArchive, sequence: number, flows: Parameters<typeof makeBatch>[0]): Promise<void> {
  archive.archive.write(makeBatch(flows, sequence), sequence, STREAM)
  await archive.archive.flush()
}

function databaseRows(archive: TestArchive): Record<string, unknown>[] {
  const db = openDatabase(paths.database(archive.dataDir, DAY), [], { readonly: true })
  const rows = db.prepare('SELECT * FROM flow ORDER BY srcip, srcport, srcdomain').all() as Record<string, unknown>[]
  db.close()
  return rows
}

test('a day is closed its delay after midnight: one file, and a daily database that sums flows of one key', async () => {
  await using archive = await openTestArchive({ closeDelayMs: HOUR_MS })
  const key = {
    srcIp: '192.168.1.7',
    dstIp: '2001:db8::5',
    protocol: 6,
    srcPort: 51_000,
    dstPort: 443,
    srcName: 'laptop',
    srcNet: 'home',
    dstNet: 'external',
    service: 'https',
    rule: 'WEB',
  }
  await put(archive, 1, [
    { ...key, firstMs: NOON_MS, lastMs: NOON_MS + 1500, bytes: 100, packets: 2 },
    { ...key, firstMs: NOON_MS + 5, lastMs: NOON_MS + 7, bytes: 2 ** 53 - 1, packets: 1 },
    { ...key, srcName: 'other', bytes: 7, packets: 1 },
  ])
  await put(archive, 2, [
    { ...key, firstMs: NOON_MS - 250, lastMs: NOON_MS, bytes: 23, packets: 4 },
    { protocol: 1, dstPort: 2048 },
  ])
  archive.nowMs = MIDNIGHT_MS + HOUR_MS - 1
  await archive.archive.maintain()
  assert.equal(archive.counters.closedDays, 0)
  archive.nowMs++
  await archive.archive.maintain()
  const [summary] = archive.archive.catalog.days()
  assert.equal(summary!.closed, true)
  assert.equal(summary!.files, 1)
  const same = { srcip: '192.168.1.7', dstip: '2001:db8::5', proto: 6, srcport: 51_000, dstport: 443, dstdomain: '' }
  const texts = { srcnetwork: 'home', dstnetwork: 'external', servicename: 'https', match: 'WEB' }
  const noon = '2026-11-24 12:00:00.000'
  assert.deepEqual(databaseRows(archive), [
    {
      srcip: '192.168.1.7',
      dstip: '203.0.113.5',
      proto: 1,
      srcport: 0,
      dstport: 2048,
      srcdomain: '',
      dstdomain: '',
      srcnetwork: null,
      dstnetwork: null,
      servicename: null,
      match: null,
      dateAdded: noon,
      dateLastSeen: noon,
      hits: 1,
      bytes: 0,
      packets: 0,
    },
    {
      ...same,
      ...texts,
      srcdomain: 'laptop',
      dateAdded: '2026-11-24 11:59:59.750',
      dateLastSeen: '2026-11-24 12:00:01.500',
      hits: 3,
      bytes: 2 ** 53 + 122,
      packets: 7,
    },
    { ...same, ...texts, srcdomain: 'other', dateAdded: noon, dateLastSeen: noon, hits: 1, bytes: 7, packets: 1 },
  ])
  assert.deepEqual(summary!.database, { bytes: summary!.database!.bytes, rows: 3, flows: 5 })
  assert.equal(archive.archive.catalog.allFiles()[0]!.tier, CLOSED_TIER)
})

test('flows that come after the close are found at once, and the day is closed again with them', async () => {
  await using archive = await openTestArchive({ closeDelayMs: HOUR_MS })
  await put(archive, 1, [{ srcPort: 1, bytes: 10 }])
  archive.nowMs = MIDNIGHT_MS + HOUR_MS
  await archive.archive.maintain()
  await put(archive, 2, [
    { srcPort: 1, bytes: 5 },
    { srcPort: 2, bytes: 1 },
  ])
  assert.equal((await archive.flows()).length, 3)
  await archive.archive.maintain()
  assert.equal(archive.counters.closedDays, 1, 'not closed again at once: more may come')
  archive.nowMs += HOUR_MS
  await archive.archive.maintain()
  assert.deepEqual(
    databaseRows(archive).map(({ srcport, hits, bytes }) => ({ srcport, hits, bytes })),
    [
      { srcport: 1, hits: 2, bytes: 15 },
      { srcport: 2, hits: 1, bytes: 1 },
    ],
  )
  assert.equal((await archive.flows()).length, 3)
  await archive.archive.maintain()
  assert.equal(archive.counters.closedDays, 2)
})

test('the rows of a flush and of a closed day are sorted by source and destination', async () => {
  await using archive = await openTestArchive({ closeDelayMs: 0 })
  await put(archive, 1, [
    { srcIp: '10.0.0.9', dstIp: '10.0.0.2' },
    { srcIp: '10.0.0.1', dstIp: '200.0.0.1' },
    { srcIp: '10.0.0.9', dstIp: '10.0.0.1' },
    { srcIp: '2001:db8::1' },
  ])
  await using history = openHistory({ dataDir: archive.dataDir })
  const sources = async () => {
    const found: string[] = []
    for await (const { srcIp, dstIp } of history.search({ order: 'any' })) found.push(`${srcIp} ${dstIp}`)
    return found
  }
  const flushed = ['2001:db8::1 203.0.113.5', '10.0.0.1 200.0.0.1', '10.0.0.9 10.0.0.1', '10.0.0.9 10.0.0.2']
  assert.deepEqual(await sources(), flushed)
  await put(archive, 2, [{ srcIp: '10.0.0.3' }])
  archive.nowMs = MIDNIGHT_MS
  await archive.archive.maintain()
  assert.deepEqual(await sources(), [...flushed.slice(0, 2), '10.0.0.3 203.0.113.5', ...flushed.slice(2)])
})

test('a day that is too large, and every day where they are made on demand, gets no daily database', async () => {
  for (const settings of [{ sqliteDayMaxRows: 1 }, { sqliteDays: 'on-demand' as const }]) {
    await using archive = await openTestArchive({ closeDelayMs: 0, ...settings })
    await put(archive, 1, [{}, {}])
    archive.nowMs = MIDNIGHT_MS
    await archive.archive.maintain()
    assert.equal(archive.archive.catalog.days()[0]!.closed, true)
    assert.ok(!existsSync(paths.database(archive.dataDir, DAY)))
    await archive.archive.maintain()
    assert.equal(archive.counters.closedDays, 1)
  }
})

test('a day whose database cannot be written stays open, is complained of, and is closed when it can', async () => {
  await using archive = await openTestArchive({ closeDelayMs: 0 })
  await put(archive, 1, [{}, {}])
  archive.nowMs = MIDNIGHT_MS
  writeFileSync(paths.days(archive.dataDir), 'a file where the folder should be')
  await archive.archive.maintain()
  assert.equal(archive.counters.maintenanceFailures, 1)
  assert.match(archive.complaints[0]!, /close of 2026-11-24 failed, will try again/)
  assert.equal((await archive.flows()).length, 2)
  const { rmSync } = await import('node:fs')
  rmSync(paths.days(archive.dataDir))
  await archive.archive.maintain()
  assert.deepEqual(readdirSync(paths.days(archive.dataDir)), [`flows-${DAY}.sqlite3`])
  assert.equal(archive.archive.catalog.days()[0]!.closed, true)
})

test('a day that cannot be closed keeps no other day open', async () => {
  await using archive = await openTestArchive({ closeDelayMs: 0 })
  await put(archive, 1, [{}, { firstMs: NOON_MS - DAY_MS }])
  mkdirSync(`${paths.database(archive.dataDir, '2026-11-23')}.tmp/a folder where the file should be`, {
    recursive: true,
  })
  archive.nowMs = MIDNIGHT_MS
  await archive.archive.maintain()
  assert.equal(archive.complaints.length, 1)
  assert.match(archive.complaints[0]!, /^close of 2026-11-23 failed, will try again: /)
  assert.deepEqual(
    archive.archive.catalog.days().map(({ day, closed }) => [day, closed]),
    [
      ['2026-11-23', false],
      ['2026-11-24', true],
    ],
  )
})

test('several days that were never closed are closed after a long pause, each by itself', async () => {
  await using archive = await openTestArchive({ closeDelayMs: 0 })
  await put(archive, 1, [{}, { firstMs: NOON_MS - DAY_MS }])
  archive.nowMs = MIDNIGHT_MS + 5 * DAY_MS
  await archive.archive.maintain()
  assert.deepEqual(readdirSync(paths.days(archive.dataDir)).sort(), [
    'flows-2026-11-23.sqlite3',
    'flows-2026-11-24.sqlite3',
  ])
  assert.deepEqual(
    archive.archive.catalog.days().map(({ closed }) => closed),
    [true, true],
  )
})
