// Commands that need no running copy, as they are typed: exit codes, sentences, shapes.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { PROBLEM_SENTENCES } from '@netbehave/netflow'
import { Flow } from '@netbehave/schema'
import { ethernet, ipv4, pcapFile, udp } from '../src/capture/testing.ts'
import { runProgram } from '../src/program.ts'
import { runCommand, startCommand, temporaryFolder } from './command.ts'

/** A NetFlow 5 datagram of 1 flow: 10.0.0.1:1234 → 10.0.0.2:443 TCP, 3 packets, 420 bytes, exported 2026-11-24 03:05:34 UTC. */
const NETFLOW_5 = Buffer.from(
  '0005 0001 00010000 6ac25d0e 00000000 00000007 00 00 0000'.replaceAll(' ', '') +
    '0a000001 0a000002 00000000 0001 0002 00000003 000001a4 0000f000 0000f100 04d2 01bb 00 18 06 00 0000 0000 00 00 0000'.replaceAll(
      ' ',
      '',
    ),
  'hex',
)
const FLOW = { srcIp: '10.0.0.1', dstIp: '10.0.0.2', srcPort: 1234, dstPort: 443, protocol: 6, packets: 3, bytes: 420 }

test('decode prints flows as JSON lines and one line of sums on stderr', async () => {
  await using folder = await temporaryFolder()
  const file = join(folder.path, 'five.dat')
  await writeFile(file, NETFLOW_5)
  const { code, stdout, stderr } = await runCommand(['decode', file, '--exporter', '192.0.2.1'])
  assert.equal(code, 0)
  const flow = Flow.parse(JSON.parse(stdout))
  assert.deepEqual({ ...flow, ...FLOW, exporter: '192.0.2.1', exporterVersion: 5 }, flow)
  assert.equal(flow.lastMs - flow.firstMs, 256)
  assert.deepEqual(JSON.parse(stderr), { datagrams: 1, flows: 1, optionsRecords: 0, problems: {}, awaiting: [] })
})

test('decode takes sender and time from a capture', async () => {
  await using folder = await temporaryFolder()
  const file = join(folder.path, 'five.pcap')
  const timeMs = Date.parse('2026-11-24T03:05:34.5Z')
  const other = ethernet(ipv4(new Uint8Array(8), { protocol: 1 }))
  await writeFile(
    file,
    pcapFile([
      { timeMs, bytes: ethernet(ipv4(udp(NETFLOW_5))) },
      { timeMs, bytes: other },
    ]),
  )
  const { code, stdout, stderr } = await runCommand(['decode', file])
  assert.equal(code, 0)
  assert.equal((JSON.parse(stdout) as Flow).exporter, '192.0.2.1')
  assert.deepEqual((JSON.parse(stderr) as { skippedFrames: unknown }).skippedFrames, { 'not-udp': 1 })
})

test('a file that cannot be read is one sentence and exit code 66, and the others are decoded', async () => {
  await using folder = await temporaryFolder()
  const good = join(folder.path, 'five.dat')
  await writeFile(good, NETFLOW_5)
  const { code, stdout, stderr } = await runCommand(['decode', '/nowhere.pcap', folder.path, good])
  assert.equal(code, 66)
  assert.equal(stdout.trim().split('\n').length, 1)
  const [missing, isFolder, sums] = stderr.split('\n')
  assert.equal(missing, 'netbehave: /nowhere.pcap cannot be read: there is no such file or folder')
  assert.equal(isFolder, `netbehave: ${folder.path} cannot be read: it is a folder`)
  assert.equal((JSON.parse(sums!) as { flows: number }).flows, 1)
})

test('a damaged capture gives what is before the damage, and exit code 65', async () => {
  await using folder = await temporaryFolder()
  const file = join(folder.path, 'cut.pcap')
  const frame = { timeMs: 0, bytes: ethernet(ipv4(udp(NETFLOW_5))) }
  await writeFile(file, pcapFile([frame, frame]).subarray(0, -10))
  const { code, stdout, stderr } = await runCommand(['decode', file])
  assert.equal(code, 65)
  assert.equal(stdout.trim().split('\n').length, 1)
  assert.match(stderr, /^netbehave: .*cut\.pcap ends in the middle of a frame\n/)
})

test('data whose template did not come is told as awaited', async () => {
  await using folder = await temporaryFolder()
  const file = join(folder.path, 'data.dat')
  const header = '0009 0001 00010000 6ac25d0e 00000000 00000005'
  await writeFile(file, Buffer.from(`${header} 0104 0008 01020304`.replaceAll(' ', ''), 'hex'))
  const { code, stderr } = await runCommand(['decode', file])
  assert.equal(code, 0)
  const { awaiting } = JSON.parse(stderr) as { awaiting: unknown[] }
  assert.deepEqual(awaiting, [
    { exporter: '127.0.0.1', domain: 5, version: 9, template: 260, heldSets: 1, droppedSets: 0 },
  ])
})

test('on a terminal decode says of each problem what it means; a program gets the one line', async () => {
  await using folder = await temporaryFolder()
  const file = join(folder.path, 'data.dat')
  const header = '0009 0002 00010000 6ac25d0e 00000000 00000005'
  await writeFile(file, Buffer.from(`${header} 0104 0008 01020304 0105 0003`.replaceAll(' ', ''), 'hex'))
  for (const isTTY of [true, false]) {
    const stderr = Object.assign(new PassThrough(), { isTTY })
    const stop = new AbortController().signal
    const neighbours = { stdout: new PassThrough(), stderr, stdin: process.stdin, now: Date.now, stop }
    assert.equal(await runProgram(['decode', file], { env: {}, ...neighbours }), 0)
    const lines = String(stderr.read()).trim().split('\n')
    assert.deepEqual((JSON.parse(lines.pop()!) as { problems: unknown }).problems, {
      'set-length': 1,
      'template-missing': 1,
    })
    assert.deepEqual(
      lines,
      isTTY
        ? [
            `set-length: ${PROBLEM_SENTENCES['set-length']}`,
            `template-missing: ${PROBLEM_SENTENCES['template-missing']}`,
          ]
        : [],
    )
  }
})

test('replay sends each datagram of its files, and says what it sent', async () => {
  await using folder = await temporaryFolder()
  const capture = join(folder.path, 'five.pcap')
  const single = join(folder.path, 'five.dat')
  const frame = { timeMs: 0, bytes: ethernet(ipv4(udp(NETFLOW_5))) }
  await writeFile(capture, pcapFile([frame, frame]))
  await writeFile(single, NETFLOW_5)
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const received: { bytes: Buffer; from: string }[] = []
  socket.on('message', (bytes, { address, port }) => received.push({ bytes, from: `${address} ${port}` }))
  const to = `127.0.0.1:${(socket.address() as AddressInfo).port}`
  const { code, stdout } = await runCommand([
    'replay',
    capture,
    single,
    '--to',
    to,
    '--exporter',
    '127.0.0.2',
    '--json',
  ])
  assert.equal(code, 0)
  const { datagrams, bytes, exporters, refused } = JSON.parse(stdout) as Record<string, number>
  assert.deepEqual({ datagrams, bytes, exporters, refused }, { datagrams: 3, bytes: 216, exporters: 2, refused: 0 })
  while (received.length < 3) await once(socket, 'message')
  assert.ok(received.every((datagram) => datagram.bytes.equals(NETFLOW_5) && datagram.from.startsWith('127.0.0.2 ')))
  assert.equal(
    new Set(received.map(({ from }) => from)).size,
    2,
    'a socket for the exporter of the capture, one for the file',
  )
  socket.close()
  await once(socket, 'close')

  const refusedRun = await runCommand(['replay', single, '--to', to])
  assert.equal(refusedRun.code, 69)
  assert.match(refusedRun.stderr, /nobody listens on 127\.0\.0\.1:\d+: 1 of 1 datagram came back/)
})

test('commands that need a running copy say that there is none', async () => {
  await using folder = await temporaryFolder()
  for (const command of ['tail', 'exporters', 'templates', 'status']) {
    const { code, stdout, stderr } = await runCommand([command, '--data', folder.path])
    assert.deepEqual([code, stdout], [69, ''], command)
    assert.match(stderr, /^netbehave: no NetBehave runs on .*; start one with "netbehave up --data .*\n$/)
  }
  const { code, stderr } = await runCommand(['tail', '--broker', 'nats://127.0.0.1:1'])
  assert.equal(code, 69)
  assert.equal(stderr, 'netbehave: the broker at nats://127.0.0.1:1 does not answer; is NetBehave running there?\n')
})

test('a folder without an archive holds nothing; a folder that is not there is a mistake', async () => {
  await using folder = await temporaryFolder()
  const count = await runCommand(['search', '--count', '--data', folder.path])
  assert.deepEqual([count.code, JSON.parse(count.stdout)], [0, { flows: 0, bytes: 0, packets: 0 }])
  const days = await runCommand(['days', 'ls', '-o', 'json', '--data', folder.path])
  assert.deepEqual([days.code, days.stdout], [0, '[]\n'])
  const missing = await runCommand(['search', '--data', join(folder.path, 'missing')])
  assert.equal(missing.code, 66)
  assert.match(missing.stderr, /there is no data in .*missing: no such folder/)
  const info = await runCommand(['days', 'info', '2020-01-01', '--data', folder.path])
  assert.deepEqual([info.code, info.stderr], [66, 'netbehave: there are no flows of 2020-01-01\n'])
})

test('a command line that is not understood is exit code 64 with what was meant', async () => {
  const wrong: [string[], RegExp][] = [
    [['serach'], /unknown command 'serach'\n\(Did you mean search\?\)/],
    [['search', '--form', '-1h'], /unknown option '--form'\n\(Did you mean --from\?\)/],
    [['search', '--from', 'soon'], /"soon" is no time: write for example/],
    [['search', '--from', '-1h', '--to', '-2h', '--data', '.'], /--from is not before --to/],
    [['search', '--src', 'nobody', '--data', '.'], /--src: src.ip cannot be "nobody"; write an address/],
    [['search', '--port', '70000', '--data', '.'], /--port: port cannot be "70000"/],
    [['search', '--src', '10.0.0.1" or port = "1', '--data', '.'], /--src: src.ip cannot be "10.0.0.1" or port = "1"/],
    [['tail', 'dst.prot=443'], /^ {2}dst.prot=443\n {2}\^{8}\n.*did you mean dst.port\?$/m],
    [['search', 'port=443', 'and', '(name=x', '--data', '.'], /^ {2}port=443 and \(name=x\n {22}\^\n/m],
    [['days', 'export', 'today', 'bytes>10Q', '--data', '.'], /bytes cannot be "10Q"/],
    [['top', 'dst.nam', '--data', '.'], /there is no field "dst.nam"; did you mean dst.name\?/],
    [['top', 'ip', '--by', 'hits', '--data', '.'], /Allowed choices are bytes, packets, flows/],
    [['top', 'ip', '-n', '0', '--data', '.'], /whole number from 1/],
    [['top', '--data', '.'], /missing required argument 'fields'/],
    [['filter', 'check', 'port = htps'], /^ {2}port = htps\n {9}\^{4}\nport cannot be "htps"; did you mean https\?$/m],
    [['filter', 'explain', 'dst/prot=1'], /did you mean dst.port\?/],
    [['search', '-o', 'xml'], /Allowed choices are line, wide, json, csv/],
    [['replay', 'x', '--to', 'here'], /Write HOST:PORT/],
    [['days', 'info', '../..', '--data', '.'], /"..\/.." is no day/],
    [['days', 'prune', '--data', '.'], /say which days go/],
    [['decode'], /missing required argument 'file'/],
  ]
  const results = await Promise.all(wrong.map(([args]) => runCommand(args)))
  for (const [i, { code, stderr }] of results.entries()) {
    assert.equal(code, 64, wrong[i]![0].join(' '))
    assert.match(stderr, wrong[i]![1])
  }
})

test('filter prints the canonical form, the meaning and the fields', async () => {
  const [check, explained, fields, table] = await Promise.all([
    runCommand(['filter', 'check', 'dst/domain', '!=', 'x,', 'proto:tcp']),
    runCommand(['filter', 'explain', 'src.net != @dst.net']),
    runCommand(['filter', 'fields', '-o', 'json']),
    runCommand(['filter', 'fields']),
  ])
  assert.deepEqual([check.code, check.stdout], [0, 'dst.name != x and protocol = TCP\n'])
  assert.match(check.stderr, /^hint: dst.name != x passes over flows without dst.name; .*\n$/)
  assert.deepEqual(
    [explained.code, explained.stdout, explained.stderr],
    [0, 'flows where the network of the source is there and is not the network of the destination\n', ''],
  )
  const all = JSON.parse(fields.stdout) as { name: string; aliases: string[]; takes: string; eitherSide: boolean }[]
  const name = all.find((field) => field.name === 'dst.name')
  assert.deepEqual(name?.aliases, ['dst.domain', 'dstName', 'dst_name'])
  assert.ok(all.find((field) => field.name === 'port')?.eitherSide)
  assert.match(table.stdout, /^FIELD +TAKES +ALSO +MEANING\nip +address +address of either side\n/)
})

test('every command has help with an example, on stdout', async () => {
  const { code, stdout } = await runCommand(['--help'])
  assert.equal(code, 0)
  const commands = [...stdout.matchAll(/^ {2}([a-z]+)(?: |$)/gm)]
    .map(([, name]) => name!)
    .filter((name) => name !== 'help')
  assert.ok(commands.length >= 12, commands.join())
  const helps = await Promise.all(commands.map((name) => runCommand([name, '--help'])))
  for (const [i, help] of helps.entries()) {
    assert.equal(help.code, 0)
    assert.match(help.stdout, new RegExp(`Examples?:\\n  netbehave ${commands[i]}`))
  }
})

test('configuration is checked and shown for everything that up runs', async () => {
  await using folder = await temporaryFolder()
  const file = join(folder.path, 'netbehave.yaml')
  await writeFile(file, 'site: lab\nup: { nats: "127.0.0.1:4333" }\ncollector: { lingerMs: 50 }\n')
  const [check, show] = await Promise.all([
    runCommand(['config', 'check'], { cwd: folder.path }),
    runCommand(['config', 'show', '--config', file]),
  ])
  assert.deepEqual([check.code, check.stderr], [0, ''])
  assert.match(check.stdout, /the configuration is good for up, collector, enricher, archiver, search-gw/)
  for (const part of ['site: lab', 'nats: 127.0.0.1:4333', 'lingerMs: 50', 'archiver:', 'search-gw:']) {
    assert.ok(show.stdout.includes(part), part)
  }
  await writeFile(file, 'up: { nat: 1 }\ncollector: { lingerMS: 50 }\n')
  const wrong = await runCommand(['config', 'check', '--config', file])
  assert.equal(wrong.code, 78)
  assert.match(wrong.stderr, /did you mean up\.nats\?/)
  assert.match(wrong.stderr, /did you mean collector\.lingerMs\?/)
})

test('a reader that has enough ends the command quietly', async () => {
  await using folder = await temporaryFolder()
  await mkdir(join(folder.path, 'captures'))
  const file = join(folder.path, 'many.pcap')
  const frame = { timeMs: 0, bytes: ethernet(ipv4(udp(NETFLOW_5))) }
  await writeFile(file, pcapFile(Array.from({ length: 20_000 }, () => frame)))
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
  const shell = spawn('/bin/bash', [
    '-c',
    `"$0" "$1" decode "$2" | head -n 1 >/dev/null; exit \${PIPESTATUS[0]}`,
    process.execPath,
    main,
    file,
  ])
  let stderr = ''
  shell.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const [code] = (await once(shell, 'close')) as [number]
  assert.deepEqual([code, stderr], [0, ''])
})

test('Ctrl-C ends a replay that takes long, and it says what was sent until then', async () => {
  await using folder = await temporaryFolder()
  const file = join(folder.path, 'slow.pcap')
  const frame = (timeMs: number) => ({ timeMs, bytes: ethernet(ipv4(udp(NETFLOW_5))) })
  await writeFile(file, pcapFile([frame(0), frame(3_600_000)]))
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const to = `127.0.0.1:${(socket.address() as AddressInfo).port}`
  await using replay = startCommand(['replay', file, '--to', to, '--speed', '1', '--json'])
  await once(socket, 'message')
  replay.signal('SIGINT')
  const { stdout } = await replay.ended
  assert.equal((JSON.parse(stdout) as { datagrams: number }).datagrams, 1)
  socket.close()
})
