// `netbehave up` against a real nats-server, with small apps in the place of the real ones.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { until } from '@netbehave/bench'
import { connectBroker } from '@netbehave/broker'
import { silentLog } from '@netbehave/broker/testing'
import { isRunning, runFile, startFixtureUp, temporaryFolder, untilReady } from './command.ts'

async function send(address: string, text: string): Promise<void> {
  const [host, port] = address.split(':')
  const socket = createSocket('udp4')
  await new Promise((resolve) => socket.send(text, Number(port), host, resolve))
  socket.close()
}

/** The broker of a copy, as the role that sees the streams. */
async function connectAdmin(dataDir: string, brokerUrl: string) {
  const brokerKeys = join(dataDir, 'nats', 'keys')
  return await connectBroker({ brokerUrl, brokerKeys, instance: 'test' }, 'flow-admin', silentLog).connected
}

/** Something else on a TCP port. */
async function occupyPort() {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { address: `127.0.0.1:${port}`, [Symbol.dispose]: () => void server.close() }
}

const order = (text: string, words: string[]) => words.map((word) => text.indexOf(word))

test('it says ready once, with addresses that answer, and SIGTERM stops everything in order', async () => {
  await using folder = await temporaryFolder()
  await using up = startFixtureUp(folder.path)
  const ready = await untilReady(up)
  assert.match(ready.collector[0]!, /^127\.0\.0\.1:\d+$/)
  assert.equal(await (await fetch(ready.http)).text(), 'ok')
  const nc = await connectAdmin(folder.path, ready.nats)
  const streams = await nc.request('$JS.API.STREAM.NAMES', '')
  assert.deepEqual(streams.json<{ streams: string[] }>().streams.sort(), ['EVENTS', 'FLOWS', 'FLOWS_RAW'])
  await nc.close()
  const { pid, natsPid, nats, http, collector } = await runFile(folder.path)
  assert.deepEqual(
    { pid, nats, http, collector },
    { pid: up.pid, nats: ready.nats, http: ready.http, collector: ready.collector },
  )
  await send(ready.collector[0]!, 'hello')
  await up.until(/hello/, 'stderr')

  up.signal('SIGTERM')
  const { code, stdout, stderr } = await up.ended
  assert.equal(code, 0)
  assert.equal(stdout.trim().split('\n').length, 1, 'stdout holds the ready line and nothing else')
  const positions = order(stderr, [
    'stopping',
    'collector stops',
    'enricher stops',
    'archiver stops',
    'search-gw stops',
  ])
  assert.ok(
    positions.every((at, i) => at > (positions[i - 1] ?? -1)),
    stderr,
  )
  assert.equal(await isRunning(natsPid), false)
  assert.equal(existsSync(join(folder.path, 'run', 'netbehave.json')), false)
})

test('an app that dies is started again where it was, and its death is counted', async () => {
  await using folder = await temporaryFolder()
  await using up = startFixtureUp(folder.path)
  const { collector } = await untilReady(up)
  await send(collector[0]!, 'die')
  await up.until(/collector runs again/, 'stderr')
  await send(collector[0]!, 'fail')
  await until('a second death', async () => (await runFile(folder.path)).deaths.collector === 2)
  await up.until(/collector runs again.*collector runs again/s, 'stderr')
  await send(collector[0]!, 'still there')
  await up.until(/still there/, 'stderr')
  assert.match(up.stderr, /told to fail/)
})

test('a nats-server that is killed is started again on its port with its streams', async () => {
  await using folder = await temporaryFolder()
  await using up = startFixtureUp(folder.path)
  const { nats } = await untilReady(up)
  const { natsPid } = await runFile(folder.path)
  process.kill(natsPid, 'SIGKILL')
  const second = await until('another nats-server', async () => {
    const now = await runFile(folder.path)
    return now.natsPid !== natsPid && now
  })
  assert.equal(second.deaths['nats-server'], 1)
  await up.until(/nats-server runs again/, 'stderr')
  const nc = await connectAdmin(folder.path, nats)
  const info = await nc.request('$JS.API.STREAM.INFO.FLOWS', '')
  assert.equal(info.json<{ config?: { name: string } }>().config?.name, 'FLOWS')
  await nc.close()
  up.signal('SIGTERM')
  assert.equal((await up.ended).code, 0)
})

test('when it is killed itself nats-server goes too, and the next start on the same folder works', async () => {
  await using folder = await temporaryFolder()
  await using first = startFixtureUp(folder.path)
  await untilReady(first)
  const { natsPid } = await runFile(folder.path)
  first.signal('SIGKILL')
  await first.ended
  await until('nats-server has ended', async () => !(await isRunning(natsPid)))
  await using second = startFixtureUp(folder.path)
  await untilReady(second)
  second.signal('SIGTERM')
  assert.equal((await second.ended).code, 0)
})

test('a nats-server that was left behind is ended by the next start, and no other process is', async () => {
  await using folder = await temporaryFolder()
  const configFile = join(folder.path, 'nats', 'nats.conf')
  await using first = startFixtureUp(folder.path)
  await untilReady(first)
  const left = await runFile(folder.path)
  first.signal('SIGTERM')
  await first.ended
  // What a start must judge after a power cut of everything but two processes: ours by its command line, and a stranger
  // that has got a pid that we once had.
  const orphan = spawn(process.env.NATS_SERVER_BIN ?? 'nats-server', ['-c', configFile], { stdio: 'ignore' })
  const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  await writeFile(join(folder.path, 'run', 'netbehave.json'), JSON.stringify({ ...left, natsPid: stranger.pid }))
  await writeFile(join(folder.path, 'nats', `nats-server_${stranger.pid}.ports`), '{}')
  const ports = join(folder.path, 'nats', `nats-server_${orphan.pid}.ports`)
  await until('the orphan listens', async () => existsSync(ports))
  const orphanEnded = once(orphan, 'exit')
  await using second = startFixtureUp(folder.path)
  await untilReady(second)
  await orphanEnded
  assert.ok(await isRunning(stranger.pid!), 'the stranger lives')
  assert.match(second.stderr, /ending the nats-server that an earlier start left behind/)
  stranger.kill()
})

test('a second start on the same folder says who is there, and leaves it alone', async () => {
  await using folder = await temporaryFolder()
  await using first = startFixtureUp(folder.path)
  const { http } = await untilReady(first)
  await using second = startFixtureUp(folder.path)
  const { code, stderr } = await second.ended
  assert.equal(code, 69)
  assert.equal(
    stderr,
    `netbehave: NetBehave already runs on ${folder.path} (process ${first.pid}); stop it, or choose another folder with --data\n`,
  )
  assert.equal(await (await fetch(http)).text(), 'ok')
})

test('a port in use ends the start with its sentence, and everything that was started with it', async () => {
  await using folder = await temporaryFolder()
  using occupied = await occupyPort()
  await using withoutNats = startFixtureUp(folder.path, { nats: occupied.address })
  const nats = await withoutNats.ended
  assert.equal(nats.code, 69)
  assert.match(nats.stderr, new RegExp(`the address ${occupied.address} for nats-server is in use by another program`))
  await using withoutHttp = startFixtureUp(folder.path, { http: occupied.address })
  const http = await withoutHttp.ended
  assert.equal(http.code, 69)
  assert.equal(http.stdout, '')
  assert.match(http.stderr, new RegExp(`netbehave: the address ${occupied.address} is in use`))
  assert.equal(existsSync(join(folder.path, 'run', 'netbehave.json')), false)
  const pidFile = await readFile(join(folder.path, 'nats', 'nats.log'), 'utf8')
  const natsPid = Number(/\[(\d+)\]/.exec(pidFile)?.[1])
  assert.equal(await isRunning(natsPid), false)
})

test('wrong configuration of any app is told for all of them, with exit code 78', async () => {
  await using folder = await temporaryFolder()
  const config = join(folder.path, 'netbehave.yaml')
  await writeFile(config, 'siet: lab\ncollector: { listn: [] }\narchiver: { sise: 2 }\n')
  await using up = startFixtureUp(folder.path, { config })
  const { code, stdout, stderr } = await up.ended
  assert.equal(code, 78)
  assert.equal(stdout, '')
  assert.equal(stderr.match(/unknown key "siet"; did you mean site\?/g)?.length, 1, stderr)
  assert.match(stderr, /unknown key "collector.listn"; did you mean collector.listen\?/)
  assert.match(stderr, /unknown key "archiver.sise"; did you mean archiver.size\?/)
})

test('a folder that cannot be made, and a nats-server that is not there, are one sentence each', async () => {
  await using folder = await temporaryFolder()
  const occupied = join(folder.path, 'file')
  await writeFile(occupied, '')
  await using noFolder = startFixtureUp(join(occupied, 'data'), {}, { cwd: folder.path })
  const disk = await noFolder.ended
  assert.equal(disk.code, 73)
  assert.match(disk.stderr, /^netbehave: cannot write into the folder .*; choose another with --data\n$/)
  await using noProgram = startFixtureUp(folder.path, {}, { env: { NATS_SERVER_BIN: 'no-such-nats-server' } })
  const program = await noProgram.ended
  assert.equal(program.code, 69)
  assert.match(program.stderr, /^netbehave: nats-server is not there \(looked for no-such-nats-server on PATH\)/)
})

test('SIGTERM during the start stops what was started', async () => {
  await using folder = await temporaryFolder()
  await using up = startFixtureUp(folder.path)
  const { natsPid } = await until('nats-server runs', () => runFile(folder.path).catch(() => undefined))
  up.signal('SIGTERM')
  const { code, stdout } = await up.ended
  assert.deepEqual([code, stdout], [0, ''])
  assert.equal(await isRunning(natsPid), false)
})
