import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { lowerCase, openHistory, paths } from '@netbehave/history'
import { Flow, type FlowBatch } from '@netbehave/schema'
import fc from 'fast-check'
import type { FlushStep } from './archive.ts'
import { DAY_MS, HOUR_MS, makeBatch, NOON_MS, openTestArchive } from './testing.ts'

const STREAM = 1_700_000_000_000

const rowsOf = (batch: FlowBatch): Flow[] => Array.from({ length: batch.length }, (_, i) => batch.row(i))
const byText = (flows: Flow[]): string[] => flows.map((flow) => JSON.stringify(sorted(flow))).sort()
const sorted = (flow: Flow) => Object.fromEntries(Object.entries(flow).sort(([a], [b]) => (a < b ? -1 : 1)))

function parquetFiles(dataDir: string): string[] {
  return readdirSync(paths.flows(dataDir), { recursive: true, encoding: 'utf8' }).filter((name) => /parquet/.test(name))
}

test('every column of a flow comes back as it was written', async () => {
  await using archive = await openTestArchive()
  const whole: Partial<Flow> = {
    firstMs: NOON_MS - 5000,
    lastMs: NOON_MS + 1,
    srcIp: '192.168.1.7',
    dstIp: '2001:db8::5',
    srcPort: 51_000,
    dstPort: 443,
    protocol: 6,
    tcpFlags: 27,
    tos: 32,
    bytes: 2 ** 53 - 1,
    packets: 4_294_967_296,
    sampling: 100,
    inIf: 1,
    outIf: 4_294_967_295,
    vlan: 4094,
    srcMac: '02:00:00:00:00:01',
    dstMac: 'fe:ff:ff:ff:ff:ff',
    exporter: '10.0.0.1',
    exporterDomain: 4_000_000_000,
    exporterVersion: 10,
    direction: 0,
    endReason: 3,
    natSrcIp: '203.0.113.9',
    natDstIp: '2001:db8::9',
    natSrcPort: 60_000,
    natDstPort: 8443,
    denat: 1,
    srcAs: 64_500,
    dstAs: 4_200_000_000,
    revBytes: 77,
    revPackets: 3,
    srcNet: 'home',
    dstNet: 'external',
    srcName: 'laptop.home.arpa',
    dstName: "it's.example",
    srcNameHow: 3,
    dstNameHow: 1,
    srcOrg: 'Ours',
    dstOrg: 'Theirs 🌐',
    srcAsset: 'laptop',
    dstAsset: 'server',
    service: 'https',
    serviceSide: 2,
    rule: 'GOOGLE',
  }
  const batch = makeBatch([whole])
  archive.archive.write(batch, 1, STREAM)
  await archive.archive.flush()
  assert.deepEqual(await archive.flows(), rowsOf(batch))
  assert.deepEqual(Object.keys(rowsOf(batch)[0]!).sort(), Object.keys(Flow.shape).sort())
})

test('whatever batches hold, search returns the rows that the batches say, DNS names in lower case', async () => {
  const flow = fc.record(
    {
      firstMs: fc.integer({ min: NOON_MS - 2 * HOUR_MS, max: NOON_MS }),
      srcIp: fc.oneof(
        fc.ipV4(),
        fc.constantFrom('0.0.0.0', '255.255.255.255', '::', '::1', '2001:db8:ffff::1', 'ff02::1'),
      ),
      dstIp: fc.oneof(fc.ipV4(), fc.constantFrom('2001:db8::2', '80ff::ff', '7fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff')),
      natSrcIp: fc.constantFrom('0.0.0.0', '203.0.113.1', '2001:db8::3'),
      srcPort: fc.nat(65_535),
      bytes: fc.maxSafeNat(),
      packets: fc.nat(),
      direction: fc.constantFrom(0, 1, 255),
      srcMac: fc.constantFrom('00:00:00:00:00:00', '02:00:00:00:00:01', 'ff:00:00:00:00:00'),
      srcName: fc.string({ unit: 'grapheme', maxLength: 20 }),
      dstName: fc.constantFrom('', 'a.example', 'b.example'),
      rule: fc.constantFrom('', 'one', 'two'),
      exporter: fc.constantFrom('10.0.0.1', '10.0.0.2'),
      exporterVersion: fc.constantFrom(5, 9, 10),
    },
    { requiredKeys: ['firstMs'] },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(flow, { maxLength: 40 }), { minLength: 1, maxLength: 4 }), async (batches) => {
      await using archive = await openTestArchive()
      const expected: Flow[] = []
      batches.forEach((flows, i) => {
        const batch = makeBatch(flows, i, `site-${i % 2}`)
        archive.archive.write(batch, i + 1, STREAM)
        for (const row of rowsOf(batch)) {
          expected.push(row.srcName === undefined ? row : { ...row, srcName: lowerCase(row.srcName) })
        }
      })
      await archive.archive.flush()
      assert.deepEqual(byText(await archive.flows()), byText(expected))
    }),
    { numRuns: 25 },
  )
})

test('more flows than one vector, and more texts than one byte or two can number, come back whole', async () => {
  await using archive = await openTestArchive()
  const flows = Array.from({ length: 70_000 }, (_, i) => ({
    srcPort: i % 65_536,
    srcName: `host-${i}.example`,
    bytes: i,
  }))
  for (let i = 0; i < 70; i++) archive.archive.write(makeBatch(flows.slice(i * 1000, (i + 1) * 1000)), i + 1, STREAM)
  await archive.archive.flush()
  await using history = openHistory({ dataDir: archive.dataDir })
  const names = new Set<string>()
  for await (const flow of history.search({ order: 'any' })) {
    assert.equal(flow.srcName, `host-${flow.bytes}.example`)
    names.add(flow.srcName)
  }
  assert.equal(names.size, 70_000)
})

test('a second flush has nothing of the first, also where its flows lack columns that those had', async () => {
  await using archive = await openTestArchive()
  archive.archive.write(
    makeBatch([{ srcIp: '2001:db8::1', srcName: 'one', vlan: 7, srcMac: '02:00:00:00:00:01' }]),
    1,
    STREAM,
  )
  await archive.archive.flush()
  archive.archive.write(
    makeBatch([
      { srcIp: '192.168.1.9', dstName: 'two', firstMs: NOON_MS + 1 },
      { vlan: 9, firstMs: NOON_MS + 2 },
    ]),
    2,
    STREAM,
  )
  await archive.archive.flush()
  const flows = await archive.flows()
  assert.deepEqual(
    flows.map(({ srcIp, srcName, dstName, vlan }) => ({ srcIp, srcName, dstName, vlan })),
    [
      { srcIp: '2001:db8::1', srcName: 'one', dstName: undefined, vlan: 7 },
      { srcIp: '192.168.1.9', srcName: undefined, dstName: 'two', vlan: undefined },
      { srcIp: '192.168.1.7', srcName: undefined, dstName: undefined, vlan: 9 },
    ],
  )
})

test('what a stranger may put into a batch is stored as something that can be read', async () => {
  await using archive = await openTestArchive()
  const { fields } = makeBatch([{ bytes: 1 }, { bytes: 2 }, { bytes: 3 }])
  fields.cols.first = Float64Array.of(Number.NaN, Infinity, 1e300)
  fields.cols.last = Float64Array.of(-1e300, Number.NaN, 0)
  fields.cols.bytes = Float64Array.of(-5, Number.NaN, 1e300)
  fields.cols.srcPort = Float64Array.of(70_000, -1, 1.5)
  fields.dict.name = ['', 'half \ud800 pair', 'nul \0 inside']
  fields.cols.srcName = Uint8Array.of(1, 2, 1)
  fields.cols.dstName = Uint8Array.of(2, 1, 0)
  archive.archive.write(makeBatch([]).with(fields.cols, fields.dict), 1, STREAM) // n is 0: nothing of it counts
  const { FlowBatch } = await import('@netbehave/schema')
  archive.archive.write(new FlowBatch(fields), 2, STREAM)
  await archive.archive.flush()
  const flows = await archive.flows()
  assert.deepEqual(
    flows.map(({ firstMs, bytes, srcName }) => ({ firstMs, bytes, srcName })),
    [
      { firstMs: NOON_MS, bytes: 0, srcName: 'half \ufffd pair' },
      { firstMs: NOON_MS, bytes: 0, srcName: 'nul \ufffd inside' },
      { firstMs: NOON_MS, bytes: 2 ** 53 - 1, srcName: 'half \ufffd pair' },
    ],
  )
  assert.equal(archive.counters.clockSkew, 3)
})

test('a batch that comes again is skipped: while it waits, after its flush, and after a restart', async () => {
  await using archive = await openTestArchive()
  const batch = makeBatch([{}])
  assert.equal(archive.archive.write(batch, 5, STREAM), 'staged')
  assert.equal(archive.archive.write(batch, 5, STREAM), 'duplicate')
  const flushing = archive.archive.flush()
  assert.equal(archive.archive.write(batch, 5, STREAM), 'duplicate')
  await flushing
  assert.equal(archive.archive.write(batch, 5, STREAM), 'duplicate')
  await archive.restart()
  assert.equal(archive.archive.write(batch, 5, STREAM), 'duplicate')
  assert.equal(archive.counters.duplicates, 1)
  assert.equal((await archive.flows()).length, 1)
})

test('sequences of a stream that was made anew begin again', async () => {
  await using archive = await openTestArchive()
  archive.archive.write(makeBatch([{}]), 1, STREAM)
  assert.ok(archive.archive.mustFlushBefore(1, STREAM + 1))
  assert.throws(() => archive.archive.write(makeBatch([{}]), 1, STREAM + 1), /another stream/)
  await archive.archive.flush()
  assert.equal(archive.archive.write(makeBatch([{}]), 1, STREAM + 1), 'staged')
  await archive.archive.flush()
  assert.equal((await archive.flows()).length, 2)
  assert.equal(archive.archive.lastSequence(STREAM + 1), 1)
})

test('batches that come while a flush is under way are in the next one', async () => {
  const begun = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const onStep = (step: FlushStep) => {
    if (step !== 'begin') return
    begun.resolve()
    return goOn.promise
  }
  await using archive = await openTestArchive({}, { onStep })
  archive.archive.write(makeBatch([{ srcPort: 1 }]), 1, STREAM)
  const first = archive.archive.flush()
  await begun.promise
  archive.archive.write(makeBatch([{ srcPort: 2 }]), 2, STREAM)
  assert.equal(archive.archive.stagedFlows, 2)
  goOn.resolve()
  await first
  assert.equal(archive.archive.lastSequence(STREAM), 1)
  await archive.archive.flush()
  assert.deepEqual((await archive.flows()).map(({ srcPort }) => srcPort).sort(), [1, 2])
})

for (const step of ['begin', 'written'] as const) {
  test(`a flush that fails at "${step}" loses nothing, leaves no file, and the next one has its flows once`, async () => {
    let failing = true
    const onStep = (at: FlushStep) => {
      if (failing && at === step) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
    }
    await using archive = await openTestArchive({}, { onStep })
    archive.archive.write(makeBatch([{ srcPort: 1 }, { srcPort: 2, firstMs: NOON_MS - DAY_MS + 1 }]), 1, STREAM)
    await assert.rejects(archive.archive.flush(), /no space left/)
    assert.equal(archive.archive.lastSequence(STREAM), 0)
    assert.deepEqual(parquetFiles(archive.dataDir), [])
    archive.archive.write(makeBatch([{ srcPort: 3, firstMs: NOON_MS + 1 }]), 2, STREAM)
    assert.equal(archive.archive.write(makeBatch([{ srcPort: 1 }]), 1, STREAM), 'duplicate')
    await assert.rejects(archive.archive.flush(), /no space left/)
    failing = false
    await archive.archive.flush()
    assert.deepEqual(
      (await archive.flows()).map(({ srcPort }) => srcPort),
      [2, 1, 3],
    )
    assert.equal(archive.archive.lastSequence(STREAM), 2)
    assert.equal(archive.counters.flushFailures, 2)
  })
}

test('a flush across midnight is a file for each day and one transaction', async () => {
  await using archive = await openTestArchive({ timeZone: 'Europe/Vienna' })
  const midnightMs = Date.UTC(2026, 10, 23, 23)
  archive.nowMs = midnightMs + 1000
  archive.archive.write(
    makeBatch([
      { firstMs: midnightMs - 1, bytes: 10 },
      { firstMs: midnightMs, bytes: 20 },
      { firstMs: midnightMs - 2, bytes: 5 },
    ]),
    7,
    STREAM,
  )
  await archive.archive.flush()
  await using history = openHistory({ dataDir: archive.dataDir })
  assert.deepEqual(
    history.days().map(({ day, flows, bytes, files }) => ({ day, flows, bytes, files })),
    [
      { day: '2026-11-23', flows: 2, bytes: 15, files: 1 },
      { day: '2026-11-24', flows: 1, bytes: 20, files: 1 },
    ],
  )
  assert.deepEqual(parquetFiles(archive.dataDir).sort(), ['2026-11-23/7-7-1.parquet', '2026-11-24/7-7-2.parquet'])
  for (const day of ['2026-11-23', '2026-11-24']) assert.ok((await history.verifyDay(day)).ok)
})

test('late flows go to their own day, flows that are more than a day off to today', async () => {
  await using archive = await openTestArchive()
  archive.archive.write(
    makeBatch([
      { firstMs: NOON_MS - DAY_MS, srcPort: 1 },
      { firstMs: NOON_MS - DAY_MS - 1, srcPort: 2 },
      { firstMs: NOON_MS + DAY_MS + 1, srcPort: 3 },
      { firstMs: 0, srcPort: 4 },
    ]),
    1,
    STREAM,
  )
  await archive.archive.flush()
  await using history = openHistory({ dataDir: archive.dataDir })
  assert.deepEqual(
    history.days().map(({ day, flows }) => [day, flows]),
    [
      ['2026-11-23', 1],
      ['2026-11-24', 3],
    ],
  )
  assert.equal(archive.counters.clockSkew, 3)
  assert.equal((await archive.flows())[0]!.firstMs, 0) // the time itself is kept as it was told
})

test('a second archiver in one data directory is refused with a sentence, until the first is gone', async () => {
  await using archive = await openTestArchive()
  await assert.rejects(openTestArchive({}, { dataDir: archive.dataDir }), {
    name: 'DirectoryOwnedError',
    message: `another archiver (process ${process.pid}) works in ${archive.dataDir}: stop it, or give this one a data directory of its own`,
  })
  await archive.restart()
})

test('files that the catalogue does not list are removed at start, other files are not', async () => {
  await using archive = await openTestArchive()
  archive.archive.write(makeBatch([{}]), 1, STREAM)
  await archive.archive.flush()
  const day = paths.day(archive.dataDir, '2026-11-24')
  mkdirSync(join(paths.flows(archive.dataDir), 'not-a-day'))
  for (const name of ['9-9-9.parquet', '9-9-10.parquet.tmp', 'notes.txt', '../not-a-day/9-9-9.parquet'])
    writeFileSync(join(day, name), '')
  await archive.restart()
  assert.deepEqual(readdirSync(day).sort(), ['1-1-1.parquet', 'notes.txt'])
  assert.ok(existsSync(join(paths.flows(archive.dataDir), 'not-a-day', '9-9-9.parquet')))
  assert.equal(archive.counters.orphanFiles, 2)
})

test('a lost catalogue is made again from the files: no flow is lost and no batch comes in twice', async () => {
  await using archive = await openTestArchive({ closeDelayMs: 0 })
  for (let sequence = 1; sequence <= 3; sequence++) {
    archive.archive.write(makeBatch([{ firstMs: NOON_MS - DAY_MS + sequence, srcPort: sequence }]), sequence, STREAM)
    await archive.archive.flush()
  }
  await archive.archive.maintain() // yesterday becomes one file; its three sources stay on the disk for a while
  archive.archive.write(makeBatch([{ srcPort: 4 }]), 7, STREAM) // 4 to 6 were delivered to one that died, and will come again
  await archive.archive.flush()
  await archive.archive[Symbol.asyncDispose]()
  const expected = await archive.flows()
  const before = parquetFiles(archive.dataDir).length
  rmSync(paths.catalog(archive.dataDir))
  writeFileSync(join(paths.day(archive.dataDir, '2026-11-24'), '5-5-50.parquet'), 'no parquet')
  await archive.restart()
  assert.deepEqual(await archive.flows(), expected)
  assert.equal(before, 5)
  assert.deepEqual(parquetFiles(archive.dataDir).sort(), [
    '2026-11-23/1-3-4.parquet',
    '2026-11-24/5-5-50.parquet.unreadable',
    '2026-11-24/7-7-5.parquet',
  ])
  const again = [1, 2, 3, 4, 5, 6, 7, 8].map((sequence) => archive.archive.write(makeBatch([]), sequence, STREAM))
  assert.deepEqual(again, [...Array(3).fill('duplicate'), ...Array(3).fill('staged'), 'duplicate', 'staged'])
  await using history = openHistory({ dataDir: archive.dataDir })
  assert.ok((await history.verifyDay('2026-11-23')).ok)
  assert.equal(archive.complaints.length, 2)
})

test('a folder of the data directory that cannot be written makes the flush fail, and it succeeds once it can', async () => {
  await using archive = await openTestArchive()
  const day = paths.day(archive.dataDir, '2026-11-24')
  writeFileSync(day, 'a file where the folder should be')
  archive.archive.write(makeBatch([{}]), 1, STREAM)
  await assert.rejects(archive.archive.flush())
  renameSync(day, `${day}.moved`)
  await archive.archive.flush()
  assert.equal((await archive.flows()).length, 1)
})
