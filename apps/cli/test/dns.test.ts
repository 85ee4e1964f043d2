// netbehave dns beside a running copy that reads a log: who asked what, what was told, old logs.

import assert from 'node:assert/strict'
import { appendFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { until } from '@netbehave/bench'
import {
  type Result,
  type Running,
  runCommand,
  startCommand,
  type TemporaryFolder,
  temporaryFolder,
  untilReady,
} from './command.ts'

let up: Running
let folder: TemporaryFolder
const run = (...args: string[]): Promise<Result> => runCommand([...args, '--data', folder.path])
const json = async (...args: string[]) => {
  const { code, stdout, stderr } = await run('dns', ...args, '-o', 'json')
  assert.equal(code, 0, stderr)
  return stdout.split('\n').flatMap((line) => (line ? [JSON.parse(line) as Record<string, unknown>] : []))
}
const stamp = (ms: number) => new Date(ms).toString().replace(/^\w+ (\w+) (\d+) \d+ ([\d:]+) .*$/, '$1 $2 $3')
const lines = (name: string, client: string, address: string, ms = Date.now()) =>
  `${stamp(ms)} dnsmasq[1]: query[A] ${name} from ${client}\n${stamp(ms)} dnsmasq[1]: reply ${name} is ${address}\n`

before(async () => {
  folder = await temporaryFolder()
  const log = join(folder.path, 'dnsmasq.log')
  await writeFile(log, lines('www.example', '10.0.0.1', '192.0.2.1') + lines('shop.example', '10.0.0.2', '192.0.2.1'))
  await appendFile(
    log,
    `${stamp(Date.now())} dnsmasq[1]: query[A] ads.example from 10.0.0.2\n${stamp(Date.now())} dnsmasq[1]: config ads.example is 0.0.0.0\n`,
  )
  const ports = ['--listen', '127.0.0.1:0', '--nats', '127.0.0.1:0', '--http', '127.0.0.1:0']
  const env = { DNS_INGEST_LOGS: log, NETBEHAVE_LOG_LEVEL: 'warn' }
  up = startCommand(['up', '--data', folder.path, ...ports, '--json'], { cwd: folder.path, env })
  await untilReady(up)
})
after(async () => {
  await up[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

test('ls lists what was asked for, also what was blocked; status knows the service', async () => {
  const names = await until('all is stored', async () => {
    const all = await json('ls')
    return all.length === 3 && all.every(({ result }) => result !== 'waiting') && all
  })
  assert.deepEqual(names.map(({ client, name, result }) => `${client} ${name} ${result}`).sort(), [
    '10.0.0.1 www.example address',
    '10.0.0.2 ads.example blocked',
    '10.0.0.2 shop.example address',
  ])
  assert.deepEqual(
    (await json('ls', 'SHOP', '--client', '10.0.0.2', '--from', '-1h')).map(({ name }) => name),
    ['shop.example'],
  )
  assert.deepEqual(await json('ls', '--result', 'nxdomain'), [])
  const { stdout } = await run('dns', 'ls', '--limit', '1')
  assert.match(
    stdout,
    /^LAST +CLIENT +NAME +TYPE +RESULT +ASKED +SITE\n\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +10\.0\.0\.2 .* home\n$/,
  )
  // A busy machine may answer late.
  await until('status has it', async () => (await run('status')).stdout.includes('dns-ingest answers'))
})

test('who and what tell each client its own name', async () => {
  const [who] = await json('who', 'WWW.example.')
  assert.deepEqual([who!.client, who!.address, who!.hits], ['10.0.0.1', '192.0.2.1', 1])
  assert.equal((await json('who', 'ads.example'))[0]!.result, 'blocked')
  assert.match(
    (await run('dns', 'who', 'ads.example', '-o', 'csv')).stdout,
    /^address,name,client,.*\n\(blocked\),ads\.example,10\.0\.0\.2,/,
  )
  const name = async (...more: string[]) =>
    (await json('what', '192.0.2.1', ...more)).map(({ name: of, how }) => `${of} ${how}`)[0]
  assert.equal(await name('--client', '10.0.0.1'), 'www.example client')
  assert.equal(await name('--client', '10.0.0.2'), 'shop.example client')
  const none = await run('dns', 'what', '192.0.2.1', '--at', '-1d')
  assert.deepEqual([none.code, none.stderr], [1, 'netbehave: no name is known for 192.0.2.1\n'])
})

test('an old log is imported once, however often, plain or packed, under any name; its year is said or found', async () => {
  const text = Array.from({ length: 300 }, (_, i) =>
    lines(`n${i}.old.example`, '10.0.0.9', '192.0.2.9', Date.UTC(2024, 1, 29, 12, i % 60)),
  ).join('')
  const plain = join(folder.path, 'old.log')
  const packed = join(folder.path, 'old.log.2.gz')
  await writeFile(plain, `${text}rubbish\nFeb 29 12:00:00 dnsmasq[1]: query[A] <b> from 10.0.0.9`)
  await writeFile(packed, gzipSync(text))
  const first = await run('dns', 'import', plain, '--year', '2024', '--json')
  assert.deepEqual(JSON.parse(first.stdout), {
    file: plain,
    lines: 602,
    stored: 600,
    known: 0,
    problems: { 'name-character': 1 },
  })
  for (const file of [plain, packed]) {
    const { stdout } = await run('dns', 'import', file, '--year', '2024')
    assert.match(stdout, /60[02] lines, 0 entries stored, 600 known before/)
  }
  const listed = await json('ls', 'old.example', '--limit', '1000')
  assert.deepEqual([listed.length, listed.every(({ hits }) => hits === 1)], [300, true])
  assert.equal(new Date(Number(listed[0]!.lastMs)).getFullYear(), 2024)
  const broken = join(folder.path, 'broken.gz')
  await writeFile(broken, gzipSync(text).subarray(0, 500))
  const cut = await run('dns', 'import', broken)
  assert.deepEqual([cut.code, cut.stderr], [65, `netbehave: cannot read ${broken}: it is no whole gzip file\n`])
  assert.equal((await run('dns', 'import', join(folder.path, 'missing.log'))).code, 66)
  const strange = join(folder.path, 'strange.log')
  await writeFile(strange, 'port=53\nlog-queries=extra\n')
  const others = await run('dns', 'import', strange, plain, '--year', '2024')
  assert.equal(others.code, 65)
  assert.match(others.stderr, /^netbehave: .*strange\.log: no question or answer of a DNS server in it; docs\/dns\.md /)
  assert.match(others.stdout, /600 known before/, 'the other file is read all the same')
})
