// netbehave doctor beside a running copy of the real apps, beside a broken one, and where nothing runs.
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { until } from '@netbehave/bench'
import {
  type Ready,
  type Running,
  runCommand,
  runFile,
  startCommand,
  type TemporaryFolder,
  temporaryFolder,
  untilReady,
} from './command.ts'

interface Finding {
  readonly id: string
  readonly level: 'bad' | 'warning' | 'note'
  readonly about: string
  readonly sentence: string
  readonly remedy: string
}

let up: Running
let folder: TemporaryFolder
let ready: Ready

async function doctor(dataDir = folder.path) {
  const { code, stdout, stderr } = await runCommand(['doctor', '--data', dataDir, '-o', 'json'], { cwd: dataDir })
  const { status, findings } = JSON.parse(stdout || '{}') as { status: string; findings: Finding[] }
  // What is wrong with the machine that runs the test is not the test's.
  return { code, stderr, status, findings: findings.filter(({ about }) => about !== 'this machine') }
}

/** NetFlow 5 header without records: an exporter whose clock says `exportMs`. */
function netflow5(exportMs: number): Buffer {
  const datagram = Buffer.alloc(24)
  datagram.writeUInt16BE(5, 0)
  datagram.writeUInt32BE(60_000, 4)
  datagram.writeUInt32BE(Math.floor(exportMs / 1000), 8)
  return datagram
}

async function send(datagram: Buffer): Promise<void> {
  const socket = createSocket('udp4')
  const port = Number(ready.collector[0]!.split(':').at(-1))
  await new Promise((resolve) => socket.send(datagram, port, '127.0.0.1', resolve))
  socket.close()
}

before(async () => {
  folder = await temporaryFolder()
  const ports = ['--listen', '0.0.0.0:0', '--nats', '127.0.0.1:0', '--http', '127.0.0.1:0']
  up = startCommand(['up', '--data', folder.path, ...ports, '--json'], { cwd: folder.path })
  ready = await untilReady(up)
})

after(async () => {
  await up[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

test('a running copy that nobody sends to has a note that says where to send, and nothing that is wrong', async () => {
  const { findings } = await doctor()
  assert.deepEqual(
    findings.map(({ id, level }) => [id, level]),
    [['no-exporter', 'note']],
  )
  const text = await runCommand(['doctor', '--data', folder.path], { cwd: folder.path })
  assert.match(
    text.stdout,
    /NOTE {5}collector: no exporter has sent anything yet\n {9}let your router export .* UDP 0\.0\.0\.0:\d+/,
  )
  assert.match(text.stdout, /\d apps answer, 0 exporters have sent something\n$/)
})

test('an exporter whose clock is wrong is told in the words of the Health page, and the exit code is 1', async () => {
  await send(netflow5(Date.now() - 3 * 3_600_000))
  const told = await until('doctor tells of the clock', async () => {
    const { code, findings } = await doctor()
    const finding = findings.find(({ id }) => id === 'clock-skew')
    return finding && { code, finding }
  })
  assert.equal(told.code, 1)
  assert.match(told.finding.sentence, /^the clock of 127\.0\.0\.1 is 3 h behind ours$/)

  const { stdout } = await runCommand(['users', 'passwd', 'admin', '--data', folder.path], { cwd: folder.path })
  const password = /password (\S+)|password: (\S+)/.exec(stdout)
  const authorization = `Basic ${Buffer.from(`admin:${password?.[1] ?? password?.[2]}`).toString('base64')}`
  const same = await until('the Health page has it, too', async () => {
    const answer = await fetch(`${ready.http}/api/v1/health`, { headers: { authorization } })
    assert.equal(answer.status, 200, stdout)
    const { findings } = (await answer.json()) as { findings: Finding[] }
    return findings.find(({ id }) => id === 'clock-skew')
  })
  assert.deepEqual(told.finding, same)
})

test('a broker that hangs is told with what to do, within seconds', async () => {
  const { natsPid } = await runFile(folder.path)
  process.kill(natsPid, 'SIGSTOP')
  try {
    const { code, findings } = await doctor()
    assert.equal(code, 1)
    assert.match(findings[0]!.sentence, /does not answer/)
    assert.equal(findings[0]!.id, 'broker-away')
  } finally {
    process.kill(natsPid, 'SIGCONT')
  }
})

test('where nothing runs it says so, names a port that is taken and a mistake in the configuration', async () => {
  await using empty = await temporaryFolder()
  const other = createSocket('udp4').bind(0, '127.0.0.1').unref() // does not keep a run that failed
  await once(other, 'listening')
  const { port } = other.address()
  const config = join(empty.path, 'netbehave.yaml')
  await writeFile(config, `up:\n  nats: 127.0.0.1:0\n  http: 127.0.0.1:0\n  listen: ["127.0.0.1:${port}"]\n`)
  const first = await runCommand(['doctor', '--data', empty.path], { cwd: empty.path })
  assert.equal(first.code, 1)
  assert.match(first.stdout, /WRONG {4}netbehave up: no NetBehave runs on /)
  assert.match(first.stdout, new RegExp(`another program has UDP port ${port}, which NetBehave would take`))

  await writeFile(config, 'collector:\n  lisen: ["127.0.0.1:0"]\n')
  const { findings } = await doctor(empty.path)
  assert.deepEqual(
    findings.map(({ id }) => id),
    ['not-running', 'configuration'],
  )
  assert.match(findings[1]!.sentence, /lisen/)
  other.close()
})

test('a copy that was killed is told as that', async () => {
  process.kill(up.pid, 'SIGKILL')
  await up.ended
  const { findings } = await doctor()
  assert.match(findings[0]!.sentence, /did not stop in order: it was killed/)
})
