// netbehave alerts beside a running copy of the real apps, with a webhook on loopback.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { startWebhook } from '@netbehave/bench'
import { runCommand, startCommand, temporaryFolder, untilReady } from './command.ts'

const PORTS = ['--listen', '127.0.0.1:0', '--nats', '127.0.0.1:0', '--http', '127.0.0.1:0']

/** Nobody listens there. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

test('alerts: a channel is tested, things are muted and told of again, the learning window ends', async () => {
  await using folder = await temporaryFolder()
  await using webhook = await startWebhook<{ kind: string; subject: string }>()
  const deadPort = await freePort()
  const env = {
    ...{ ALERTER_WEBHOOK_URL: webhook.url, ALERTER_WEBHOOK_SECRET: 'sesame', NETBEHAVE_LOG_LEVEL: 'warn' },
    ...{ SMTP_SERVER: '127.0.0.1', SMTP_PORT: String(deadPort), SMTP_RECIPIENT: 'me@example.org' },
  }
  await using up = startCommand(['up', '--data', folder.path, ...PORTS, '--json'], { cwd: folder.path, env })
  await untilReady(up)
  const alerts = (...args: string[]) => runCommand(['alerts', ...args, '--data', folder.path])

  const tested = await alerts('test', 'webhook')
  assert.equal(tested.code, 0, tested.stderr)
  assert.match(tested.stdout, /^webhook took a test message: 127\.0\.0\.1:\d+\n$/)
  assert.deepEqual(
    webhook.taken.map(({ kind, subject }) => [kind, subject]),
    [['test', 'Test of NetBehave']],
  )
  const other = await alerts('test', 'ntfy')
  assert.equal(other.code, 69)
  assert.match(other.stderr, /ntfy has no address in alerter\.ntfy.*those that have one: mail, webhook/)
  const dead = await alerts('test', 'mail')
  assert.equal(dead.stdout, '')
  assert.match(dead.stderr, new RegExp(`^netbehave: .*127\\.0\\.0\\.1:${deadPort}.*\\n$`))
  assert.equal(dead.code, 69)

  assert.match(
    (await alerts('mute', 'asset', '2001:DB8::1', '--for', '8h')).stdout,
    /^nothing more is said of asset 2001:db8::1 for 8 /,
  )
  const wrong = await alerts('mute', 'asset', 'printer')
  assert.equal(wrong.code, 64)
  assert.match(wrong.stderr, /value: is no IPv4 or IPv6 address/)
  const listed = await alerts('ls')
  assert.match(listed.stdout, /^no message yet\n/)
  assert.match(listed.stdout, /^webhook to 127\.0\.0\.1:\d+: works, 0 waiting$/m)
  assert.match(listed.stdout, /^muted: asset 2001:db8::1, /m)
  assert.match(listed.stdout, /^learning for /m)
  assert.equal((await alerts('unmute', 'asset', '2001:db8::1')).code, 0)
  assert.match((await alerts('unmute', 'asset', '2001:db8::1')).stderr, /is not muted/)
  assert.match((await alerts('learned')).stdout, /^nothing was new/)
  assert.match((await alerts('resend')).stdout, /^nothing is undelivered/)
  const json = JSON.parse((await alerts('ls', '-o', 'json')).stdout)
  assert.deepEqual([json.deliveries, json.undelivered, json.mutes, json.learningUntilMs], [[], 0, [], null])
})

test('alerts without a channel and names without a log say how to get them, and wrong settings are found by config check', async () => {
  await using folder = await temporaryFolder()
  await using up = startCommand(['up', '--data', folder.path, ...PORTS, '--json'], {
    cwd: folder.path,
    env: { NETBEHAVE_LOG_LEVEL: 'warn' },
  })
  await untilReady(up)
  const nobody = await runCommand(['alerts', 'ls', '--data', folder.path])
  assert.equal(nobody.code, 69)
  assert.match(nobody.stderr, /no alerter answers\. It runs when a channel has an address: set SMTP_SERVER/)
  const nameless = await runCommand(['dns', 'ls', '--data', folder.path])
  assert.equal(nameless.code, 69)
  assert.match(nameless.stderr, /no names service answers\. To have one, name the log of your DNS server/)
  const check = await runCommand(['config', 'check'], { cwd: folder.path, env: { SMTP_SERVER: 'mail.example.org' } })
  assert.equal(check.code, 78)
  assert.match(check.stderr, /alerter\.mail\.recipient.*mails need somebody who gets them/)
  const env = { SMTP_SERVER: 'mail.example.org', SMTP_RECIPIENT: 'me@example.org' }
  for (const [yaml, port, sentence] of [
    ['', '70000', /SMTP_PORT is 70000; it must be a whole number from 1 to 65535/],
    ['alerter:\n  alerts: [{on: asset-gone}]\n', '25', /is "asset-gone"; it must be one of asset-new, asset-mac/],
    [
      'alerter:\n  alerts: [{on: asset-new, text: "{{adress}}"}]\n',
      '25',
      /\{\{adress\}\}: there is no such value here/,
    ],
  ] as const) {
    await writeFile(join(folder.path, 'netbehave.yaml'), yaml)
    const wrong = await runCommand(['config', 'check'], { cwd: folder.path, env: { ...env, SMTP_PORT: port } })
    assert.equal(wrong.code, 78, wrong.stdout)
    assert.match(wrong.stderr, sentence)
  }
})
