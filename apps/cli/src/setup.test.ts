import assert from 'node:assert/strict'
import { PassThrough, Readable } from 'node:stream'
import { test } from 'node:test'
import { thisHost } from '@netbehave/routers/this-host'
import { runProgram } from './program.ts'
import { chooseDestination } from './setup.ts'

const HOST = { addresses: ['192.168.1.10', '203.0.113.7'] }

test('a collector that listens everywhere is reached at the likeliest address of this host, by its port', () => {
  const { host, port, notes } = chooseDestination(['0.0.0.0:9995', '0.0.0.0:4739'], HOST)
  assert.deepEqual([host, port], ['192.168.1.10', 9995])
  assert.equal(notes.length, 1)
  assert.match(notes[0]!, /others are 203\.0\.113\.7/)
})

test('a collector that listens on one address is reached there, whatever else this host has', () => {
  assert.deepEqual(chooseDestination(['127.0.0.1:2055', '203.0.113.7:2056'], HOST), {
    host: '203.0.113.7',
    port: 2056,
    notes: [],
  })
})

test('a collector on loopback only is told, for no router reaches it', () => {
  const { host, port, notes } = chooseDestination(['127.0.0.1:2055', '[::1]:2055'], { addresses: ['192.168.1.10'] })
  assert.deepEqual([host, port], ['192.168.1.10', 2055])
  assert.match(
    notes.join(),
    /no router reaches it; "netbehave up --listen 0\.0\.0\.0:2055" takes flows from everywhere/,
  )
})

test('without a running copy the usual port is taken, and without an address the person is asked for one', () => {
  assert.equal(chooseDestination(undefined, HOST).port, 2055)
  assert.match(chooseDestination(undefined, { addresses: [] }).notes.join(), /--collector HOST:PORT/)
})

async function run(...args: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const environment = {
    env: {},
    stdin: Readable.from([]),
    stdout,
    stderr,
    now: Date.now,
    stop: new AbortController().signal,
  }
  const code = await runProgram(args, environment)
  return { code, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') }
}

test('the snippet alone is on stdout, with the collector that was named; what to mind is beside it', async () => {
  const { code, stdout, stderr } = await run('setup', 'MikroTik', '--collector', '198.51.100.9:9995')
  assert.equal(code, 0)
  assert.match(
    stdout,
    /^\/ip traffic-flow set .*\n\/ip traffic-flow target add dst-address=198\.51\.100\.9 port=9995 .*\n$/,
  )
  assert.match(stderr, /^MikroTik RouterOS\. In a terminal.*Known traps\n- Only what the CPU forwards/s)
  const json = JSON.parse((await run('setup', 'open', '--collector', '[2001:db8::9]:2055', '-o', 'json')).stdout)
  assert.equal(json.id, 'openwrt')
  assert.match(json.snippet, /\[2001:db8::9\]:2055/)
})

test('without a name the routers are listed; one that is not there, or a word that fits several, names those that are', async () => {
  assert.match((await run('setup')).stdout, /^ROUTER .*\nedgerouter .*fortigate /s)
  for (const word of ['toaster', 'softflowd']) {
    const { code, stdout, stderr } = await run('setup', word)
    assert.deepEqual([code, stdout], [64, ''])
    assert.match(stderr, /there is no snippet for .*; there is one for edgerouter, vyos, .*fortigate/)
  }
})

test('on Linux the interface that softflowd watches can be named; another router has no use for one', async () => {
  const named = await run('setup', 'linux', '--collector', '198.51.100.9:9995', '--interface', 'br-lan')
  assert.deepEqual([named.code, named.stdout.includes('softflowd -i br-lan -n 198.51.100.9:9995 ')], [0, true])
  const { outward } = thisHost()
  const { stdout, stderr } = await run('setup', 'linux', '--collector', '198.51.100.9:9995')
  assert.match(stdout, outward === undefined ? /softflowd -i \$\(ip route/ : new RegExp(`softflowd -i ${outward} -n`))
  assert.equal(stderr.includes('--interface NAME'), outward !== undefined)
  assert.equal((await run('setup', 'cisco', '--interface', 'br-lan')).code, 64)
  assert.equal((await run('setup', 'linux', '--interface', 'eth0; rm')).code, 64)
})
