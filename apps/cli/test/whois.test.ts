// netbehave whois beside a running copy of the real apps, with registries on loopback.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { runCommand, startCommand, temporaryFolder, untilReady } from './command.ts'

const PORTS = ['--listen', '127.0.0.1:0', '--nats', '127.0.0.1:0', '--http', '127.0.0.1:0']

/** A registry that knows one block. */
async function startRegistry() {
  const asked: string[] = []
  const network = {
    objectClassName: 'ip network',
    startAddress: '8.8.8.0',
    endAddress: '8.8.8.255',
    name: 'EXAMPLE\u001b[31m',
    country: 'US',
    entities: [{ roles: ['registrant'], vcardArray: ['vcard', [['fn', {}, 'text', 'Example Networks']]] }],
  }
  const server = createServer((request, response) => {
    asked.push(request.url!)
    if (request.url === '/ip/8.8.8.8') response.end(JSON.stringify(network))
    else if (request.url === '/ip/9.9.9.9') response.writeHead(404).end('{}')
    // any other is never answered
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    asked,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

test('whois tells who holds an address, waits for the registry, and says what is not known', async () => {
  await using folder = await temporaryFolder()
  await using registry = await startRegistry()
  const env = {
    ...{ WHOIS_ENABLED: 'true', WHOIS_REFRESH_DAYS: '0', WHOIS_REQUESTS_PER_SECOND: '10' },
    ...{ WHOIS_REGISTRIES_ARIN: registry.url, NETBEHAVE_LOG_LEVEL: 'warn' },
  }
  await using up = startCommand(['up', '--data', folder.path, ...PORTS, '--json'], { cwd: folder.path, env })
  await untilReady(up)
  const whois = (...args: string[]) => runCommand(['whois', ...args, '--data', folder.path])

  const known = await whois('8.8.8.8', '10.0.0.1', '9.9.9.9')
  assert.equal(known.code, 0, known.stderr)
  const lines = known.stdout.split('\n')
  assert.match(lines[0]!, /^ADDRESS +NAME +ORGANISATION +COUNTRY +FROM +TO +REGISTRY$/)
  assert.match(lines[1]!, /^8\.8\.8\.8 +EXAMPLE \[31m +Example Networks +US +8\.8\.8\.0 +8\.8\.8\.255 +arin$/)
  assert.match(lines[2]!, /^10\.0\.0\.1 +\(nobody: private, reserved, or in no registry\)$/)
  assert.match(lines[3]!, /^9\.9\.9\.9 +\(nobody/)
  assert.deepEqual(registry.asked, ['/ip/8.8.8.8', '/ip/9.9.9.9'])

  const json = JSON.parse((await whois('8.8.8.9', '-o', 'json')).stdout)
  assert.deepEqual(
    [json.holders[0].address, json.holders[0].state, json.holders[0].org],
    ['8.8.8.9', 'known', 'Example Networks'],
  )
  const late = await whois('8.8.4.4', '--wait', '0.3')
  assert.deepEqual([late.code, /1 address is still being asked for/.test(late.stderr)], [69, true])
  assert.match(late.stdout, /8\.8\.4\.4 +\(being asked for\)/)
  assert.equal((await whois('8.8.8')).code, 64)

  const status = await runCommand(['status', '--data', folder.path])
  assert.match(status.stdout, /^whois +answers, up for/m)
})

test('without whois the other apps run, and the command says how to switch it on', async () => {
  await using folder = await temporaryFolder()
  await using up = startCommand(['up', '--data', folder.path, ...PORTS, '--json'], {
    cwd: folder.path,
    env: { NETBEHAVE_LOG_LEVEL: 'warn' },
  })
  await untilReady(up)
  const { code, stderr, stdout } = await runCommand(['whois', '8.8.8.8', '--data', folder.path])
  assert.deepEqual([code, stdout], [69, ''])
  assert.match(stderr, /^netbehave: whois is off: .*whois: \{ enabled: true \}.*\n$/)
  const status = await runCommand(['status', '--data', folder.path])
  assert.deepEqual([status.code, status.stderr], [0, ''])
})

test('a mistake in the keys of whois is told at the start, also while it is off', async () => {
  await using folder = await temporaryFolder()
  const { code, stderr } = await runCommand(['up', '--data', folder.path, ...PORTS], {
    cwd: folder.path,
    env: { WHOIS_ENABELD: 'true' },
  })
  assert.equal(code, 78)
  assert.match(stderr, /WHOIS_ENABELD.*WHOIS_ENABLED/)
})
