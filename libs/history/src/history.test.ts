import assert from 'node:assert/strict'
import { openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from '@netbehave/filter'
import { Flow } from '@netbehave/schema'
import { openDatabase } from '@netbehave/sqlite'
import { paths } from './day.ts'
import { openDuckDb } from './duckdb.ts'
import { csvLine } from './export.ts'
import { openHistory, type SearchQuery } from './history.ts'
import { createTestHistory, makeFlow, type TestHistory } from './testing.ts'

const NOON_MS = Date.UTC(2026, 10, 24, 12)
const DAY_MS = 86_400_000

async function search(archive: TestHistory, query: SearchQuery = {}): Promise<Flow[]> {
  await using history = openHistory({ dataDir: archive.dataDir })
  const flows: Flow[] = []
  for await (const flow of history.search({ order: 'oldest', ...query })) flows.push(flow)
  return flows
}
const ports = (flows: Flow[]) => flows.map(({ srcPort }) => srcPort)

test('an archive that does not exist is empty, and is found once it exists', async () => {
  await using archive = await createTestHistory()
  await using history = openHistory({ dataDir: join(archive.dataDir, 'nothing-here') })
  assert.deepEqual(await history.count({}), { flows: 0, bytes: 0, packets: 0 })
  assert.deepEqual(history.days(), [])
  assert.deepEqual(await search(archive), [])
  await archive.add([{ srcPort: 1 }])
  assert.deepEqual(ports(await search(archive)), [1])
})

test('a filter finds exactly the flows that it means', async () => {
  await using archive = await createTestHistory()
  await archive.add([
    { firstMs: NOON_MS + 1, srcPort: 1, srcIp: '10.0.0.1', dstIp: '198.51.100.1', protocol: 6, dstPort: 443 },
    { firstMs: NOON_MS + 2, srcPort: 443, srcIp: '10.0.1.255', dstIp: '10.0.0.1', protocol: 17, dstPort: 3 },
    { firstMs: NOON_MS + 3, srcPort: 3, srcIp: '2001:db8::1', dstIp: '2001:db8:1::1', protocol: 58 },
    { firstMs: NOON_MS + 4, srcPort: 4, srcIp: '::', dstIp: '0.0.0.0', protocol: 0, dstName: 'A.example' },
  ])
  const found = async (filter: string, more: SearchQuery = {}) =>
    ports(await search(archive, { filter: parse(filter), ...more }))
  assert.deepEqual(await found(''), [1, 443, 3, 4])
  assert.deepEqual(await found('src.ip = 10.0.0.1'), [1])
  assert.deepEqual(await found('ip = 10.0.0.1'), [1, 443])
  assert.deepEqual(await found('src.ip = 10.0.0.0/23'), [1, 443])
  assert.deepEqual(await found('src.ip = 0.0.0.0/0'), [1, 443])
  assert.deepEqual(await found('dst.ip = 2001:db8::/47'), [3])
  assert.deepEqual(await found('src.ip = ::/0'), [3, 4])
  assert.deepEqual(await found('port = 443 or protocol = ICMPv6'), [1, 443, 3])
  assert.deepEqual(await found('not dst.name = a.EXAMPLE'), [1, 443, 3])
  assert.deepEqual(await found('port = 443', { where: { sql: 'dst_port = ?', params: [443] } }), [1])
  assert.deepEqual(await found('port = 443', { toMs: NOON_MS + 2 }), [1])
})

test('a time range finds the flows that were active in it, and opens only the files that can have some', async () => {
  await using archive = await createTestHistory()
  await archive.add([{ srcPort: 1, firstMs: NOON_MS, lastMs: NOON_MS + 10 }])
  const later = await archive.add([{ srcPort: 2, firstMs: NOON_MS + DAY_MS, lastMs: NOON_MS + DAY_MS + 10 }])
  const found = async (fromMs?: number, toMs?: number) => ports(await search(archive, { fromMs, toMs }))
  assert.deepEqual(await found(), [1, 2])
  assert.deepEqual(await found(NOON_MS + 10, NOON_MS + 11), [1])
  assert.deepEqual(await found(NOON_MS + 11, NOON_MS + DAY_MS), [])
  assert.deepEqual(await found(undefined, NOON_MS), [])
  assert.deepEqual(await found(undefined, NOON_MS + 1), [1])
  assert.deepEqual(await found(NOON_MS + 11), [2])
  rmSync(paths.file(archive.dataDir, later.path))
  assert.deepEqual(await found(undefined, NOON_MS + DAY_MS), [1])
})

test('a time range that cuts some files and holds others finds the same flows, by every way to ask', async () => {
  await using archive = await createTestHistory()
  const begun = (hours: number) => ({ firstMs: NOON_MS + hours * 3_600_000, lastMs: NOON_MS + hours * 3_600_000 + 10 })
  await archive.add([1, 3, 5].map((n) => ({ srcPort: n, srcIp: '10.0.0.1', ...begun(n) })))
  await archive.add(
    [6, 7].map((n) => ({ srcPort: n, srcIp: '10.0.0.2', dstIp: '10.0.0.1', ...begun(n) })),
    ['rule'],
  )
  await archive.add([8, 10, 12].map((n) => ({ srcPort: n, dstIp: '10.0.0.1', ...begun(n) })))
  await using history = openHistory({ dataDir: archive.dataDir })
  const span = { fromMs: begun(3).lastMs, toMs: begun(10).firstMs + 1, filter: parse('ip = 10.0.0.1 and src.port > 0') }
  assert.deepEqual(ports(await search(archive, span)), [3, 5, 6, 7, 8, 10])
  assert.deepEqual(ports(await search(archive, { ...span, order: 'newest', limit: 2 })), [10, 8])
  assert.equal((await history.count(span)).flows, 6)
  const { rows } = await history.top({ ...span, fields: ['src.ip'], by: 'flows' })
  assert.deepEqual(
    rows.map(({ values, flows }) => [values[0], flows]),
    [
      ['10.0.0.1', 2],
      ['10.0.0.2', 2],
      ['192.168.1.7', 2],
    ],
  )
  const whole = { ...span, fromMs: NOON_MS, toMs: NOON_MS + DAY_MS }
  assert.equal((await history.count(whole)).flows, 8)
  // One ms less and the last flow, which begins before and ends after, is still there; its file is cut.
  assert.equal((await history.count({ ...whole, toMs: begun(12).lastMs })).flows, 8)
  assert.equal((await history.count({ ...whole, toMs: begun(12).firstMs })).flows, 7)
})

test('newest first unless told otherwise, and no more than the limit', async () => {
  await using archive = await createTestHistory()
  await archive.add([5, 3, 9].map((n) => ({ srcPort: n, firstMs: NOON_MS + n })))
  await archive.add([4, 8].map((n) => ({ srcPort: n, firstMs: NOON_MS + n })))
  assert.deepEqual(ports(await search(archive, { order: 'newest', limit: 3 })), [9, 8, 5])
  assert.deepEqual(ports(await search(archive, { order: undefined })), [9, 8, 5, 4, 3])
  assert.deepEqual(ports(await search(archive, { order: 'oldest', limit: 2 })), [3, 4])
  assert.deepEqual(ports(await search(archive, { order: 'any', limit: 0 })), [])
  await assert.rejects(search(archive, { limit: -1 }), RangeError)
})

test('counts and sums are exact to 2^53 and saturate above', async () => {
  await using archive = await createTestHistory()
  await archive.add([
    { bytes: 2 ** 52, packets: 3 },
    { bytes: 2 ** 52 - 1, packets: 4 },
    { srcPort: 9, bytes: 7 },
  ])
  await using history = openHistory({ dataDir: archive.dataDir })
  assert.deepEqual(await history.count({ filter: parse('src.port = 0') }), {
    flows: 2,
    bytes: 2 ** 53 - 1,
    packets: 7,
  })
  assert.deepEqual(await history.count({}), { flows: 3, bytes: Number.MAX_SAFE_INTEGER, packets: 7 })
  assert.deepEqual(await history.count({ filter: parse('port = 9') }), { flows: 1, bytes: 7, packets: 0 })
  assert.deepEqual(await history.count({ filter: parse('port = 10') }), { flows: 0, bytes: 0, packets: 0 })
})

test('scaled sums multiply each flow by its sampling rate, and sampled flows are counted', async () => {
  await using archive = await createTestHistory()
  await archive.add([
    { srcPort: 1, bytes: 10, packets: 1 },
    { srcPort: 2, bytes: 10, packets: 2, sampling: 100 },
    { srcPort: 3, bytes: 2 ** 52, packets: 3, sampling: 4_000_000_000 },
    { srcPort: 4, bytes: 5, packets: 5, sampling: 0 },
  ])
  await using history = openHistory({ dataDir: archive.dataDir })
  const few = parse('src.port in (1, 2, 4)')
  assert.deepEqual(await history.count({ filter: few }), { flows: 3, bytes: 25, packets: 8, sampledFlows: 1 })
  assert.deepEqual(await history.count({ filter: few, scaled: true }), {
    flows: 3,
    bytes: 1015,
    packets: 206,
    sampledFlows: 1,
  })
  assert.equal((await history.count({ scaled: true })).bytes, Number.MAX_SAFE_INTEGER)
})

test('flows have the members of Flow and no other, and nothing where they have no value', async () => {
  await using archive = await createTestHistory()
  await archive.add([
    { srcPort: 1 },
    { srcPort: 2, exporter: '10.0.0.1', srcMac: '02:00:00:00:00:01', srcName: 'a', direction: 0 },
  ])
  const [bare, more] = (await search(archive)).toSorted((a, b) => a.srcPort - b.srcPort)
  assert.deepEqual(bare, makeFlow({ srcPort: 1 }))
  assert.deepEqual(Flow.parse(more), {
    ...makeFlow({ srcPort: 2, srcMac: '02:00:00:00:00:01', srcName: 'a', direction: 0 }),
    exporter: '10.0.0.1',
    exporterDomain: 0,
    exporterVersion: 0,
  })
})

test('files of an older program, without a column, are searched beside newer ones', async () => {
  await using archive = await createTestHistory()
  await archive.add([{ srcPort: 1, firstMs: NOON_MS + 1, rule: 'lost', sampling: 7 }], ['rule', 'sampling', 'src_ip6'])
  await archive.add([{ srcPort: 2, firstMs: NOON_MS + 2, rule: 'WEB', sampling: 7 }])
  const flows = await search(archive)
  assert.deepEqual(
    flows.map(({ rule, sampling }) => ({ rule, sampling })),
    [
      { rule: undefined, sampling: 1 },
      { rule: 'WEB', sampling: 7 },
    ],
  )
})

test('a file that is merged away just then is not missed: the query runs again with what took its place', async () => {
  await using archive = await createTestHistory()
  const old = await archive.add([{ srcPort: 1 }])
  const merged = await archive.add([{ srcPort: 1 }])
  archive.catalog.removeFiles([merged], 1)
  await using history = openHistory({ dataDir: archive.dataDir })
  rmSync(paths.file(archive.dataDir, old.path))
  await assert.rejects(history.count({}), /No files found|Cannot open|No such file/i)
  // The other's place is taken between the look into the catalogue and the reading.
  let looks = 0
  const where = {
    sql: 'true AND 1 = 1',
    get params() {
      if (++looks === 1) {
        archive.catalog.removeFiles([old], 1)
        archive.catalog.forget(merged.path)
        archive.catalog.addFlush([merged], [], 1, [])
      }
      return []
    },
  }
  assert.equal((await history.count({ where })).flows, 1)
})

test('a query that takes too long is interrupted, and one whose asker left', async () => {
  await using archive = await createTestHistory()
  await archive.add([{}])
  const endless = { sql: '(SELECT count(*) FROM range(100000000000) AS t(i) WHERE i % 7 = 3) > 0', params: [] }
  {
    await using history = openHistory({ dataDir: archive.dataDir, timeLimitMs: 50 })
    await assert.rejects(history.count({ where: endless }), {
      name: 'QueryTimeoutError',
      message: 'the query took longer than 50 ms',
    })
    assert.equal((await history.count({})).flows, 1)
  }
  await using history = openHistory({ dataDir: archive.dataDir })
  const asker = new AbortController()
  const counting = history.count({ where: endless, signal: asker.signal })
  setTimeout(() => asker.abort(new Error('left')), 20)
  await assert.rejects(counting, /left/)
  await assert.rejects(history.count({ signal: AbortSignal.abort(new Error('never came')) }), /never came/)
})

test('DuckDB reads nothing outside the archive, loads nothing, and its settings cannot be changed', async () => {
  await using archive = await createTestHistory()
  using duckDb = await openDuckDb({
    directories: [paths.flows(archive.dataDir)],
    temporaryDirectory: join(archive.dataDir, 'tmp', 't'),
    memoryLimitMb: 100,
    threads: 1,
  })
  const connection = await duckDb.connect()
  for (const sql of [
    "SELECT * FROM read_text('/etc/hostname')",
    `SELECT * FROM read_text('${paths.flows(archive.dataDir)}/../../../etc/hostname')`,
    "COPY (SELECT 1) TO '/tmp/netbehave-escape.csv'",
    "SET memory_limit = '10GB'",
    'SET enable_external_access = true',
    'INSTALL httpfs',
    'LOAD httpfs',
    "SELECT * FROM read_csv('https://example.com/x.csv')",
  ]) {
    await assert.rejects(connection.run(sql), sql)
  }
  connection.closeSync()
})

test('memory that is kept for the next question goes back when told to', async () => {
  await using archive = await createTestHistory()
  using duckDb = await openDuckDb({
    directories: [paths.flows(archive.dataDir)],
    temporaryDirectory: join(archive.dataDir, 'tmp', 't'),
    memoryLimitMb: 100,
    threads: 1,
    keepsMemory: true,
  })
  const connection = await duckDb.connect()
  const givesBack = async () =>
    (await (await connection.run("SELECT current_setting('allocator_background_threads')")).getRows())[0]
  assert.deepEqual(await givesBack(), [false])
  await duckDb.giveBack()
  assert.deepEqual(await givesBack(), [true])
  connection.closeSync()
})

test('days are listed with their sums, and a day is verified against the catalogue', async () => {
  await using archive = await createTestHistory()
  await archive.add([{ firstMs: NOON_MS - DAY_MS, bytes: 5, packets: 1 }])
  const damaged = await archive.add([{ bytes: 7, packets: 2, lastMs: NOON_MS + 9 }, { bytes: 1 }])
  const missing = await archive.add([{ bytes: 1 }])
  await using history = openHistory({ dataDir: archive.dataDir })
  const [yesterday, today] = history.days()
  assert.equal(history.days().length, 2)
  assert.deepEqual(
    { ...today, diskBytes: 0 },
    {
      day: '2026-11-24',
      files: 2,
      flows: 3,
      bytes: 9,
      packets: 2,
      firstMs: NOON_MS,
      lastMs: NOON_MS + 9,
      diskBytes: 0,
      closed: false,
      database: null,
    },
  )
  assert.deepEqual(history.dayInfo('2026-11-23'), yesterday)
  assert.equal(history.dayInfo('2026-11-22'), undefined)
  assert.throws(() => history.dayInfo('../../etc'), { name: 'DayError' })
  assert.deepEqual(await history.verifyDay('2026-11-24'), {
    day: '2026-11-24',
    ok: true,
    files: 2,
    flows: 3,
    problems: [],
  })
  const file = openSync(paths.file(archive.dataDir, damaged.path), 'r+')
  writeSync(file, new Uint8Array(40).fill(0xff), 0, 40, 8)
  rmSync(paths.file(archive.dataDir, missing.path))
  const { ok, problems } = await history.verifyDay('2026-11-24')
  assert.equal(ok, false)
  assert.match(problems[0]!, new RegExp(`^${damaged.path} `))
  assert.equal(problems[1], `${missing.path} is missing`)
  await assert.rejects(history.verifyDay('2026-11-22'), {
    name: 'NoSuchDayError',
    message: 'there are no flows of 2026-11-22',
  })
})

test('a day is exported as daily database, Parquet, CSV and JSON lines', async () => {
  await using archive = await createTestHistory()
  await archive.add([{ srcPort: 1, bytes: 3, packets: 1, srcName: '=hyperlink("x")', dstIp: '2001:db8::1' }])
  await archive.add([
    { srcPort: 1, bytes: 4, packets: 1, srcName: '=hyperlink("x")', dstIp: '2001:db8::1' },
    { srcPort: 2 },
  ])
  await archive.add([{ srcPort: 9, firstMs: NOON_MS + DAY_MS }])
  await using history = openHistory({ dataDir: archive.dataDir })
  const to = (name: string) => join(archive.dataDir, name)
  const flows = (await search(archive)).filter(({ srcPort }) => srcPort < 9)

  assert.equal((await history.exportDay('2026-11-24', { format: 'json', to: to('day.json') })).rows, 3)
  const lines = readFileSync(to('day.json'), 'utf8').trim().split('\n')
  assert.deepEqual(lines.map((line) => JSON.parse(line)).sort(byPort), flows.sort(byPort))

  await history.exportDay('2026-11-24', { format: 'csv', to: to('day.csv') })
  const [head, ...rows] = readFileSync(to('day.csv'), 'utf8').trim().split('\n')
  assert.match(head!, /^site,firstMs,lastMs,srcIp,dstIp,srcPort,/)
  assert.deepEqual(rows.sort(), flows.map(csvLine).sort())
  assert.ok(rows.some((row) => row.includes(`,"'=hyperlink(""x"")",`)))

  assert.equal((await history.exportDay('2026-11-24', { format: 'sqlite', to: to('day.sqlite3') })).rows, 2)
  const db = openDatabase(to('day.sqlite3'), [], { readonly: true })
  assert.deepEqual(db.prepare('SELECT srcport, dstip, hits, bytes FROM flow ORDER BY srcport').all(), [
    { srcport: 1, dstip: '2001:db8::1', hits: 2, bytes: 7 },
    { srcport: 2, dstip: '203.0.113.5', hits: 1, bytes: 0 },
  ])
  db.close()

  assert.equal((await history.exportDay('2026-11-24', { format: 'parquet', to: to('day.parquet') })).rows, 3)
  using duckDb = await openDuckDb({
    directories: [archive.dataDir],
    temporaryDirectory: to('t'),
    memoryLimitMb: 100,
    threads: 1,
  })
  const connection = await duckDb.connect()
  const answer = await connection.run(`SELECT count(*), sum(bytes)::INTEGER FROM read_parquet('${to('day.parquet')}')`)
  assert.deepEqual(await answer.getRows(), [[3n, 7]])
  connection.closeSync()
  await assert.rejects(history.exportDay('2026-11-24', { format: 'csv', to: '/nonexistent/day.csv' }), {
    code: 'ENOENT',
  })
})

test('a filter exports its flows only, in every form', async () => {
  await using archive = await createTestHistory()
  await archive.add([
    { srcPort: 1, dstName: "o'neil.example" },
    { srcPort: 2, dstName: 'b.example' },
  ])
  await using history = openHistory({ dataDir: archive.dataDir })
  const filter = parse(`dst.name = "o'neil.example"`)
  const to = (name: string) => join(archive.dataDir, name)
  for (const format of ['json', 'csv', 'sqlite', 'parquet'] as const) {
    const { rows } = await history.exportDay('2026-11-24', { format, to: to(`one.${format}`), filter })
    assert.equal(rows, 1, format)
  }
  assert.equal((JSON.parse(readFileSync(to('one.json'), 'utf8')) as Flow).srcPort, 1)
  assert.equal(readFileSync(to('one.csv'), 'utf8').trim().split('\n').length, 2)
  const db = openDatabase(to('one.sqlite'), [], { readonly: true })
  assert.deepEqual(db.prepare('SELECT srcport FROM flow').all(), [{ srcport: 1 }])
  db.close()
})

const byPort = (a: Flow, b: Flow) => a.srcPort - b.srcPort || a.bytes - b.bytes
