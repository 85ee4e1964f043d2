import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { until } from '@netbehave/bench'
import { startTestBroker, type TestBroker } from '@netbehave/broker/testing'
import { openHistory, paths } from '@netbehave/history'
import { createTestHistory, makeFlow, type TestHistory } from '@netbehave/history/testing'
import type { Flow } from '@netbehave/schema'
import { openDatabase } from '@netbehave/sqlite'
import { basic, PASSWORD, startGateway, type TestGateway } from './gateway.ts'

const DAY = '2026-11-20'
const NOON_MS = Date.parse(`${DAY}T12:00:00Z`)
const SPAN = `from=${DAY}T00:00Z&to=${DAY}T23:59Z`
/** Many begin in one millisecond, as an exporter that sends seconds makes them. */
const FLOWS: Flow[] = Array.from({ length: 90 }, (_, i) =>
  makeFlow({
    firstMs: NOON_MS + Math.floor(i / 40) * 1000,
    srcIp: `192.168.1.${i % 3}`,
    dstIp: `203.0.113.${i}`,
    srcPort: 1000 + i,
    dstPort: i % 2 === 0 ? 443 : 53,
    protocol: i % 2 === 0 ? 6 : 17,
    bytes: 100 + i,
    packets: 1,
    service: i % 2 === 0 ? 'https' : 'dns',
    ...(i % 5 === 0 && { dstOrg: 'Example Org' }),
    ...(i === 7 && { dstName: '=cmd|calc' }),
  }),
)

let broker: TestBroker
let archive: TestHistory
let gateway: TestGateway
before(async () => {
  broker = await startTestBroker()
  archive = await createTestHistory()
  await archive.add(FLOWS.slice(0, 50))
  await archive.add(FLOWS.slice(50))
  gateway = await startGateway(broker.url, { dataDir: archive.dataDir })
})
after(async () => {
  await gateway?.stop()
  await archive?.[Symbol.asyncDispose]()
  await broker?.[Symbol.asyncDispose]()
})

const get = async (path: string) => {
  const reply = await gateway.api(path)
  assert.equal(reply.status, 200, reply.text)
  return reply.json
}

for (const [order, limit] of [
  ['newest', 7],
  ['oldest', 7],
  ['newest', 1],
  ['newest', 40],
  ['newest', 1000],
] as const) {
  test(`pages of ${limit}, the ${order} first, hold every flow once and in order`, async () => {
    const ports: number[] = []
    const starts: number[] = []
    let after = ''
    do {
      const page = await get(`/flows?${SPAN}&limit=${limit}&order=${order}${after}`)
      assert.ok(page.flows.length <= limit)
      for (const flow of page.flows as Flow[]) {
        ports.push(flow.srcPort)
        starts.push(flow.firstMs)
      }
      after = page.next === null ? '' : `&after=${page.next}`
    } while (after !== '')
    assert.deepEqual(
      ports.toSorted((a, b) => a - b),
      FLOWS.map(({ srcPort }) => srcPort),
    )
    assert.deepEqual(
      starts,
      starts.toSorted((a, b) => (order === 'newest' ? b - a : a - b)),
    )
  })
}

test('a filter and a span choose, and the reply says which span was taken', async () => {
  const page = await get(`/flows?from=${NOON_MS}&to=${NOON_MS + 1}&q=${encodeURIComponent('dst.port = 53')}`)
  assert.equal(page.flows.length, 20)
  assert.deepEqual([page.fromMs, page.toMs, page.next], [NOON_MS, NOON_MS + 1, null])
  const hour = await get('/flows?from=-1h')
  assert.equal(hour.toMs - hour.fromMs, 3_600_000)
  for (const query of [`from=${NOON_MS}&to=${NOON_MS}`, 'from=yesterday', 'after=nonsense', 'from=2026-13-99T00:00Z'])
    assert.equal((await gateway.api(`/flows?${query}`)).status, 400, query)
})

test('count, top and histogram agree with the flows', async () => {
  const bytes = FLOWS.reduce((sum, flow) => sum + flow.bytes, 0)
  const count = await get(`/flows/count?${SPAN}`)
  assert.deepEqual([count.flows, count.bytes, count.packets], [90, bytes, 90])
  const top = await get(`/flows/top?${SPAN}&by=service,src.ip&order=flows&limit=2`)
  assert.deepEqual([top.fields, top.rows.length, top.values, top.total.flows], [['service', 'src.ip'], 2, 6, 90])
  const histogram = await get(`/flows/histogram?from=${NOON_MS - 1000}&to=${NOON_MS + 4000}&buckets=5`)
  assert.deepEqual(
    histogram.buckets.map(({ startMs, flows }: { startMs: number; flows: number }) => [startMs - NOON_MS, flows]),
    [
      [-1000, 0],
      [0, 40],
      [1000, 40],
      [2000, 10],
      [3000, 0],
    ],
  )
  assert.equal(histogram.total.flows, 90)
  // Either side: a flow between two hosts that both fit counts once, as it does among the rows.
  const either = `${SPAN}&q=${encodeURIComponent('ip = 0.0.0.0/0')}`
  const [{ total }, counted] = [await get(`/flows/histogram?${either}`), await get(`/flows/count?${either}`)]
  assert.deepEqual([total.flows, total.bytes, total.packets], [counted.flows, counted.bytes, counted.packets])
  assert.equal((await gateway.api('/flows/top?by=nonsense')).status, 400)
})

test('a sankey loses nothing on the way', async () => {
  const { nodes, links, total } = await get(`/flows/sankey?${SPAN}&limit=2`)
  for (const column of [0, 1, 2]) {
    const sum = nodes
      .filter((node: { column: number }) => node.column === column)
      .reduce((all: number, node: { bytes: number }) => all + node.bytes, 0)
    assert.equal(sum, total.bytes)
  }
  assert.ok(links.length > 0)
})

test('the middle of a sankey is the holder of the side that has one, and says which side that is', async () => {
  const firstMs = NOON_MS - 2 * 86_400_000
  await archive.add([
    makeFlow({ firstMs, srcOrg: 'Stream Example', bytes: 9000 }),
    makeFlow({ firstMs, dstOrg: 'Stream Example', bytes: 200 }),
    makeFlow({ firstMs, bytes: 30 }),
  ])
  const { nodes } = await get(`/flows/sankey?from=${firstMs}&to=${firstMs + 1000}`)
  const holders = (nodes as { id: string; column: number; bytes: number }[]).filter(({ column }) => column === 1)
  assert.deepEqual(
    holders.map(({ id, bytes }) => [id, bytes]),
    [
      ['1:src.org=Stream Example', 9000],
      ['1:dst.org=Stream Example', 200],
      ['1:org', 30],
    ],
  )
})

test('an export has exactly what is filtered; what a spreadsheet would run is text', async () => {
  const filter = `q=${encodeURIComponent('dst.port = 53')}`
  const ndjson = await gateway.api(`/flows/export?${SPAN}&${filter}&format=ndjson`)
  const lines = ndjson.text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Flow)
  assert.equal(lines.length, 45)
  assert.ok(lines.every(({ dstPort }) => dstPort === 53))
  const csv = await gateway.api(`/flows/export?${SPAN}&${filter}`)
  assert.match(csv.headers.get('content-disposition')!, /^attachment; filename="flows-\d{8}T\d{6}Z-\d{8}T\d{6}Z\.csv"$/)
  assert.equal(csv.text.trim().split('\n').length, 46)
  assert.match(csv.text, /,'=cmd\|calc,/)
  const wrong = await gateway.api(`/flows/export?${SPAN}&q=nonsense%20=%20x`)
  assert.equal(wrong.status, 400)
  assert.equal(wrong.headers.get('content-disposition'), null)
})

test('completions are fields, operators, and the values of the last hour with their counts', async () => {
  const nowMs = Date.now()
  await archive.add(
    [1, 2, 3].map((n) => makeFlow({ firstMs: nowMs - 60_000 - n, srcNet: n === 3 ? 'guest wifi' : 'home' })),
  )
  const complete = async (q: string) => get(`/filter/complete?q=${encodeURIComponent(q)}`)
  assert.ok((await complete('dst.po')).items.some(({ text }: { text: string }) => text === 'dst.port'))
  const { items } = await complete('src.net = ')
  const value = (text: string) => items.find((item: { text: string }) => item.text === text)
  assert.deepEqual([value('home').flows, value('"guest wifi"').flows, value('internal').flows], [2, 1, undefined])
})

test('a filter is checked while it is typed', async () => {
  const good = await get(`/filter/check?q=${encodeURIComponent('DST.PORT=https')}`)
  assert.deepEqual([good.ok, good.canonical], [true, 'dst.port = 443'])
  const wrong = await get(`/filter/check?q=${encodeURIComponent('dst.port =')}`)
  assert.deepEqual([wrong.ok, wrong.from], [false, 10])
})

test('rules are checked, and tested against what came in the last minutes', async () => {
  const text =
    '- name: guests\n  match: src.net = guest*\n- name: all\n  match: bytes >= 0\n- name: never\n  match: bytes > 1\n'
  const checked = (await gateway.api('/rules/check', { method: 'POST', body: { text } })).json
  assert.equal(checked.rules, 3)
  assert.match(checked.findings[0].message, /no flow comes to it/)
  const nowMs = Date.now()
  await archive.add([
    makeFlow({ firstMs: nowMs - 1000, srcNet: 'guest', bytes: 5, rule: 'web' }),
    makeFlow({ firstMs: nowMs - 2000, srcNet: 'home', bytes: 7 }),
  ])
  const tested = (await gateway.api('/rules/test', { method: 'POST', body: { text, minutes: 1, sample: 1 } })).json
  assert.equal(tested.rules.length, 3)
  assert.deepEqual([tested.rules[0].bytes, tested.rules[0].sample.length, tested.rules[2].flows], [5, 1, 0])
  assert.equal(tested.rules[0].sample[0].rule, 'web', 'which rule has named it')
  assert.match(tested.findings[0].message, /no flow comes to it/)
  const filter = (await gateway.api('/rules/test', { method: 'POST', body: { q: 'src.net = home', minutes: 1 } })).json
  assert.equal(filter.rules[0].bytes, 7)
  assert.equal((await gateway.api('/rules/test', { method: 'POST', body: {} })).status, 400)
})

test('a day is downloaded as the daily database of the original, and as the other forms', async () => {
  const sqlite = await fetch(`${gateway.http}/api/v1/days/${DAY}/download`, {
    headers: { authorization: basic('viewer', PASSWORD) },
  })
  assert.equal(sqlite.headers.get('content-type'), 'application/vnd.sqlite3')
  const path = join(archive.dataDir, 'downloaded.sqlite3')
  writeFileSync(path, Buffer.from(await sqlite.arrayBuffer()))
  const db = openDatabase(path, [], { readonly: true })
  assert.deepEqual(db.prepare('SELECT count(*) AS n, sum(hits) AS hits FROM flow').get(), { n: 90, hits: 90 })
  db.close()
  const csv = await gateway.api(`/days/${DAY}/download?format=csv`)
  assert.equal(csv.text.trim().split('\n').length, 91)
  const parquet = await gateway.api(`/days/${DAY}/download?format=parquet`)
  assert.match(parquet.text, /^PAR1/)
  assert.deepEqual((await gateway.api('/days/2001-01-01/download')).status, 404)
})

test('an open day is downloaded while flows come in: each time a moment of it, whole, and at the end every flow', {
  timeout: 300_000,
}, async () => {
  const day = '2026-11-12'
  const firstMs = Date.parse(`${day}T12:00:00Z`)
  const FLUSH = 5
  let written = 0
  /** Flow n has n bytes: sums tell which flows a download has, and that none before is missing. */
  const write = () =>
    archive.add(Array.from({ length: FLUSH }, () => makeFlow({ firstMs, srcPort: ++written, bytes: written })))
  const counted = async () => (await get(`/flows/count?from=${firstMs}&to=${firstMs + 1}`)).flows as number
  async function download() {
    const reply = await fetch(`${gateway.http}/api/v1/days/${day}/download`, {
      headers: { authorization: basic('viewer', PASSWORD) },
    })
    assert.equal(reply.status, 200)
    const path = join(archive.dataDir, 'open-day.sqlite3')
    writeFileSync(path, Buffer.from(await reply.arrayBuffer()))
    const db = openDatabase(path, [], { readonly: true })
    try {
      assert.deepEqual(db.pragma('integrity_check'), [{ integrity_check: 'ok' }])
      return db.prepare('SELECT sum(hits) AS flows, sum(bytes) AS bytes FROM flow').get() as {
        flows: number
        bytes: number
      }
    } finally {
      db.close()
    }
  }

  await write()
  let isOver = false
  const writing = (async () => {
    while (!isOver) await write()
  })()
  try {
    await until('flows came during a download', async () => {
      const before = await counted()
      const { flows, bytes } = await download()
      const after = await counted()
      assert.ok(before <= flows && flows <= after, `${flows} flows, of ${before} before and ${after} after`)
      assert.equal(flows % FLUSH, 0, 'whole flushes')
      assert.equal(bytes, (flows * (flows + 1)) / 2, 'every flow up to that moment')
      return after > before
    })
  } finally {
    isOver = true
    await writing
  }
  assert.equal((await download()).flows, written)
  assert.equal(await counted(), written)
})

test('the daily database of a closed day comes in ranges, with an ETag, as the file that is there', async () => {
  await using history = openHistory({ dataDir: archive.dataDir })
  const { bytes, rows } = await history
    .exportDay(DAY, { format: 'sqlite', to: paths.database(archive.dataDir, DAY) })
    .catch(async () => {
      const { mkdirSync } = await import('node:fs')
      mkdirSync(paths.days(archive.dataDir), { recursive: true })
      return history.exportDay(DAY, { format: 'sqlite', to: paths.database(archive.dataDir, DAY) })
    })
  archive.catalog.setDatabase(DAY, { bytes, rows, flows: 90 })
  const whole = await gateway.api(`/days/${DAY}/download`)
  const etag = whole.headers.get('etag')!
  assert.equal(whole.headers.get('accept-ranges'), 'bytes')
  const part = await gateway.api(`/days/${DAY}/download`, { headers: { range: 'bytes=0-15' } })
  assert.deepEqual([part.status, part.text], [206, 'SQLite format 3\0'])
  assert.equal(
    (await gateway.api(`/days/${DAY}/download`, { headers: { 'if-none-match': etag, 'cache-control': 'max-age=0' } }))
      .status,
    304,
  )
  assert.equal((await gateway.api(`/days/${DAY}/download`, { headers: { range: 'bytes=99999999-' } })).status, 416)
})

test('a day is a day: no other text becomes a path', async () => {
  for (const day of ['..%2f..%2fetc', '2026-11-20%2f..%2f..', '2026-13-01', '2026-11-20%00', '....', 'today']) {
    for (const path of [`/days/${day}/download`, `/days/${day}`]) {
      const { status } = await gateway.api(path)
      assert.ok(status === 400 || status === 404, `${path}: ${status}`)
    }
    assert.ok((await gateway.api(`/days/${day}`, { method: 'DELETE' })).status >= 400)
  }
})

test('days are listed, checked, and removed by an admin; today never', async () => {
  const { days, today } = await get('/days')
  assert.equal(days.find(({ day }: { day: string }) => day === DAY).flows, 90)
  const verdict = await gateway.api(`/days/${DAY}/verify`, { method: 'POST', as: 'operator' })
  assert.deepEqual([verdict.status, verdict.json.ok, verdict.json.flows], [200, true, 90])
  const last = days.at(-1).day
  if (last >= today) assert.equal((await gateway.api(`/days/${last}`, { method: 'DELETE' })).status, 409)
  const gone = '2026-11-01'
  await archive.add([makeFlow({ firstMs: Date.parse(`${gone}T12:00Z`) })])
  assert.equal((await gateway.api(`/days/${gone}`, { method: 'DELETE' })).status, 200)
  assert.equal((await gateway.api(`/days/${gone}`)).status, 404)
  assert.equal((await gateway.api(`/days/${gone}`, { method: 'DELETE' })).status, 404)
})

test('DuckDB is not loaded before somebody asks history', async () => {
  await using idle = await startGateway(broker.url)
  const loaded = async () =>
    new RegExp(`history_loaded\\{[^}]*instance="${idle.instance}"[^}]*\\} (\\d)`).exec(
      (await idle.ask('/metrics', { as: 'viewer' })).text,
    )?.[1]
  await until(async () => (await loaded()) !== undefined)
  await idle.api('/days')
  await idle.api('/filter/fields')
  assert.equal(await loaded(), '0')
  const page = await idle.api('/flows')
  assert.deepEqual([page.status, page.json.flows], [200, []])
})

test('who leaves frees the place; who comes when all are taken is told to come again', {
  timeout: 180_000,
}, async () => {
  const many = await createTestHistory()
  await many.add(
    Array.from({ length: 400 }, (_, i) => makeFlow({ firstMs: NOON_MS + i, srcPort: i, dstName: 'n'.repeat(200) })),
  )
  const busy = await startGateway(broker.url, {
    dataDir: many.dataDir,
    args: ['--queries-at-once', '1', '--queries-waiting', '0'],
  })
  try {
    // Reads nothing of the answer, so that the export holds its place for as long as it is not broken off.
    const opened = request(
      `${busy.http}/api/v1/flows/export?from=${DAY}T00:00Z&to=${DAY}T23:00Z&q=${'%20'.repeat(10)}`,
      {
        headers: { authorization: basic('admin', PASSWORD) },
      },
    )
    opened.on('error', () => {})
    opened.end()
    await new Promise<void>((resolve) => opened.once('response', (response) => resolve(void response.pause())))
    opened.destroy()
    await until(async () => (await busy.api('/flows/count')).status === 200)
    const all = await Promise.all(Array.from({ length: 6 }, () => busy.api(`/flows/top?${SPAN}&by=src.port,dst.name`)))
    const statuses = all.map(({ status }) => status)
    assert.ok(statuses.includes(200) && statuses.includes(503), statuses.join())
    assert.equal(all.find(({ status }) => status === 503)?.headers.get('retry-after'), '2')
  } finally {
    await busy.stop()
    await many[Symbol.asyncDispose]()
  }
})
