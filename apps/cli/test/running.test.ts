// The commands beside a running copy of the real apps: what is replayed is seen live, in history, and in the reports.

import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { after, before, test } from 'node:test'
import { until } from '@netbehave/bench'
import { Flow } from '@netbehave/schema'
import { ethernet, ipv4, pcapFile, udp } from '../src/capture/testing.ts'
import { runProgram } from '../src/program.ts'
import {
  type Result,
  type Running,
  runCommand,
  startCommand,
  type TemporaryFolder,
  temporaryFolder,
  untilReady,
} from './command.ts'

const u16 = (value: number) => value.toString(16).padStart(4, '0')
const u32 = (value: number) => value.toString(16).padStart(8, '0')

/** NetFlow 9 from domain 7: template 300 (addresses, ports, protocol, bytes, packets), and as many flows as `ports`. */
function netflow9(
  exportMs: number,
  ports: number[],
  { withTemplate = true, template = 300, sequence = 0 } = {},
): Buffer {
  const fields = [
    [8, 4],
    [12, 4],
    [7, 2],
    [11, 2],
    [4, 1],
    [1, 4],
    [2, 4],
  ]
  const definition = fields.map(([type, length]) => u16(type!) + u16(length!)).join('')
  const templateSet = u16(0) + u16(8 + definition.length / 2) + u16(template) + u16(fields.length) + definition
  const records = ports.map((port) => `0a0000010a000002${u16(port)}${u16(443)}06${u32(1000)}${u32(10)}`).join('')
  const padding = '00'.repeat((4 - ((records.length / 2) % 4)) % 4)
  const dataSet = u16(template) + u16(4 + (records + padding).length / 2) + records + padding
  const count = ports.length + (withTemplate ? 1 : 0)
  const header = u16(9) + u16(count) + u32(60_000) + u32(Math.floor(exportMs / 1000)) + u32(sequence) + u32(7)
  return Buffer.from(header + (withTemplate ? templateSet : '') + dataSet, 'hex')
}

/** One running copy for all tests of this file: they only add to it. */
let up: Running
let folder: TemporaryFolder
let dataDir: string
const run = (...args: string[]): Promise<Result> => runCommand([...args, '--data', dataDir])
const flowsIn = async (...conditions: string[]) =>
  JSON.parse((await run('search', '--count', ...conditions)).stdout) as {
    flows: number
    bytes: number
    packets: number
  }

before(async () => {
  folder = await temporaryFolder()
  dataDir = folder.path
  const ports = ['--listen', '127.0.0.1:0', '--nats', '127.0.0.1:0', '--http', '127.0.0.1:0']
  up = startCommand(['up', '--data', dataDir, ...ports, '--json'], {
    cwd: dataDir,
    env: { ARCHIVER_FLUSH_INTERVAL_MS: '200', NETBEHAVE_LOG_LEVEL: 'warn' },
  })
  await untilReady(up)
})

after(async () => {
  await up[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

test('what is replayed to the running copy is seen by tail and found by search', async () => {
  await using tail = startCommand(['tail', '--data', dataDir, '--port', '1002', '--limit', '1', '-o', 'json'])
  const capture = join(dataDir, 'flows.pcap')
  const nowMs = Date.now()
  const datagrams = [
    netflow9(nowMs, [1001, 1002, 1003]),
    netflow9(nowMs, [1004, 1005], { withTemplate: false, sequence: 1 }),
  ]
  await writeFile(capture, pcapFile(datagrams.map((bytes) => ({ timeMs: nowMs, bytes: ethernet(ipv4(udp(bytes))) }))))
  // A subscription misses what came before it: replay until tail has seen one.
  const seen = await until('tail ends by its limit', async () => {
    const replayed = await run('replay', capture, '--json')
    assert.equal(replayed.code, 0, replayed.stderr)
    return Promise.race([tail.ended, new Promise<undefined>((resolve) => setTimeout(resolve, 500, undefined))])
  })
  assert.equal(seen.code, 0)
  const live = Flow.parse(JSON.parse(seen.stdout))
  assert.deepEqual([live.srcIp, live.srcPort, live.dstPort, live.service], ['10.0.0.1', 1002, 443, 'https'])

  const sums = await until('history has them', async () => {
    const found = await flowsIn('--port', '1002')
    return found.flows > 0 && found
  })
  assert.deepEqual(sums, { flows: sums.flows, bytes: sums.flows * 1000, packets: sums.flows * 10 })
  const { code, stdout } = await run('search', '--src', '10.0.0.0/8', '--port', '1002', '--limit', '1', '-o', 'json')
  assert.equal(code, 0)
  const found = Flow.parse(JSON.parse(stdout))
  assert.deepEqual([found.srcPort, found.bytes, found.exporterVersion, found.site], [1002, 1000, 9, 'home'])
  assert.deepEqual(await flowsIn('--port', '1002', '--to', 'yesterday'), { flows: 0, bytes: 0, packets: 0 })
})

test('tail says on a terminal, and only there, that it listens', async () => {
  for (const isTTY of [true, false]) {
    const stdout = new PassThrough()
    const stderr = Object.assign(new PassThrough(), { isTTY })
    const stop = new AbortController()
    const environment = { env: {}, stdin: Readable.from([]), stdout, stderr, now: Date.now, stop: stop.signal }
    if (isTTY) stderr.once('readable', () => stop.abort())
    else stop.abort()
    assert.equal(await runProgram(['tail', '--data', dataDir], environment), 0)
    const told = String(stderr.read() ?? '')
    assert.match(
      told,
      isTTY ? /^listening for flows on nats:\/\/127\.0\.0\.1:\d+; none yet\? "netbehave exporters"/ : /^$/,
    )
  }
})

test('search prints every form', async () => {
  await until('history has flows', async () => (await flowsIn()).flows > 0)
  const [line, wide, csv] = await Promise.all(
    ['line', 'wide', 'csv'].map((form) => run('search', '--limit', '1', '-o', form)),
  )
  assert.match(
    line!.stdout,
    /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}TCP +10\.0\.0\.1:100\d +→ 10\.0\.0\.2:443 +https +1\.0kB +10p\n$/,
  )
  assert.match(wide!.stdout, /\n {4}duration=0ms site=home .*exporter=127\.0\.0\.1 exporterDomain=7 exporterVersion=9/)
  const [heading, row] = csv!.stdout.split('\n').map((text) => text.split(','))
  assert.equal(row![heading!.indexOf('dstPort')], '443')
})

test('exporters and templates tell who sends, and what is waited for', async () => {
  const waiting = join(dataDir, 'waiting.dat')
  await writeFile(waiting, netflow9(Date.now(), [1], { withTemplate: false, template: 999, sequence: 2 }))
  assert.equal((await run('replay', waiting)).code, 0)
  const { awaiting } = await until('the collector waits for a template', async () => {
    const { stdout } = await run('templates', '-o', 'json')
    const report = JSON.parse(stdout) as { templates: { id: number }[]; awaiting: { id: number }[] }
    return report.awaiting.length > 0 && report
  })
  assert.equal(awaiting[0]!.id, 999)
  const [exporters, exportersTable, templatesTable] = await Promise.all([
    run('exporters', '-o', 'json'),
    run('exporters'),
    run('templates'),
  ])
  const report = JSON.parse(exporters.stdout) as { collectors: unknown[]; exporters: Record<string, unknown>[] }
  assert.equal(report.collectors.length, 1)
  const { ip, domain, version, sampling } = report.exporters[0]!
  assert.deepEqual({ ip, domain, version, sampling }, { ip: '127.0.0.1', domain: 7, version: 9, sampling: 1 })
  assert.match(exportersTable.stdout, /^EXPORTER .*\n127\.0\.0\.1 +home +7 +NetFlow 9 /)
  assert.match(exportersTable.stdout, /^template-missing: data came before its template/m)
  assert.match(exportersTable.stdout, /^counts are those since collector home\/\S+ started, .+ ago$/m)
  assert.match(templatesTable.stdout, /300 +data +7 +21 /)
  assert.match(templatesTable.stdout, /waited for:\n.*\n127\.0\.0\.1 +7 +NetFlow 9 +999 /)
})

test('data that got its template is no problem any more', async () => {
  const template = join(dataDir, 'template.dat')
  await writeFile(template, netflow9(Date.now(), [1], { template: 999, sequence: 3 }))
  assert.equal((await run('replay', template)).code, 0)
  await until('nothing is waited for', async () => {
    const { stdout } = await run('templates', '-o', 'json')
    return (JSON.parse(stdout) as { awaiting: unknown[] }).awaiting.length === 0
  })
  const { stdout } = await run('exporters')
  assert.match(stdout, /^127\.0\.0\.1 .*NetFlow 9/m)
  assert.doesNotMatch(stdout, /template-missing/)
})

test('days are listed, verified and exported', async () => {
  await until('history has flows', async () => (await flowsIn()).flows > 0)
  const { stdout } = await run('days', 'ls', '-o', 'json')
  const days = JSON.parse(stdout) as { day: string; flows: number }[]
  assert.equal(days.length, 1)
  const verified = await run('days', 'verify', '-o', 'json')
  assert.deepEqual([verified.code, (JSON.parse(verified.stdout) as { ok: boolean }[])[0]!.ok], [0, true])
  const file = join(dataDir, 'today.json')
  const exported = await run('days', 'export', days[0]!.day, '--to', file)
  assert.equal(exported.code, 0, exported.stderr)
  const lines = (await readFile(file, 'utf8')).trim().split('\n')
  assert.ok(lines.length >= days[0]!.flows)
  Flow.parse(JSON.parse(lines[0]!))
  const pruned = await run('days', 'prune', '--keep', '1')
  assert.deepEqual([pruned.code, pruned.stdout], [0, 'no day fits\n'])
})

test('status says that every app answers', async () => {
  const { code, stdout } = await run('status', '-o', 'json')
  assert.equal(code, 0)
  const { pid, apps } = JSON.parse(stdout) as { pid: number; apps: { app: string }[] }
  assert.equal(pid, up.pid)
  assert.deepEqual(apps.map(({ app }) => app).sort(), ['archiver', 'collector', 'enricher', 'ipam', 'search-gw'])
})
