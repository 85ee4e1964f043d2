// Every reason why an app gets no connection to a hub with TLS is one sentence, in its log and from the command line:
// against a real nats-server with certificates made for the purpose.
import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { until } from '@netbehave/bench'
import { type Broker, type BrokerConfig, connectBroker, replaceKey } from '@netbehave/broker'
import { issueCertificate, makeCa } from '../src/broker/certificates.ts'
import { runCommand } from './command.ts'
import { startHub, type TestHub } from './hub.ts'

const DAY_MS = 86_400_000
const soon = () => ({ fromMs: Date.now() - DAY_MS, untilMs: Date.now() + DAY_MS })

let hub: TestHub
/** What init made, to put back. */
const good = new Map<string, string>()
const FILES = ['hub.conf', 'public-keys.env', 'tls/hub.pem', 'tls/hub.key', 'keys/enricher/enricher.seed']
const path = (file: string) => join(hub.dir, file)
before(async () => {
  hub = await startHub('--host', 'hub.example')
  for (const file of FILES) good.set(file, readFileSync(path(file), 'utf8'))
})
beforeEach(async () => {
  for (const [file, text] of good) writeFileSync(path(file), text)
  hub.reload()
  // The reload is done when the good certificate is shown again.
  await until(async () => {
    await using app = connect()
    return await app.broker.connected.then(
      () => true,
      () => false,
    )
  })
})
after(() => hub[Symbol.asyncDispose]())

const url = () => `tls://${hub.address}`

/** The app as which we connect, and what its log said. */
function connect(more: Partial<BrokerConfig> = {}) {
  const said: string[] = []
  const keep = (_fields: object, message: string) => void said.push(message)
  const config = { brokerUrl: url(), brokerCa: path('tls/ca.pem'), brokerKeys: path('keys/enricher'), instance: 'test' }
  const broker: Broker = connectBroker({ ...config, giveUp: true, ...more }, 'enricher', {
    info: keep,
    warn: keep,
    error: keep,
  })
  return { broker, said, [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose]() }
}

/** What the same hub says to `netbehave status`' kind of command. */
const command = (env: Record<string, string> = {}) =>
  runCommand(['tail', '--broker', url()], {
    env: { NETBEHAVE_BROKER_KEYS: path('keys/ops'), NETBEHAVE_BROKER_CA: path('tls/ca.pem'), ...env },
  })

/** Both tell it: the app in its log, once however often it tries, and the command as its only line. */
async function bothSay(
  sentence: RegExp,
  more: Partial<BrokerConfig> = {},
  env: Record<string, string> = {},
): Promise<void> {
  await using app = connect({ giveUp: false, ...more })
  await until(() => app.said.length > 0)
  assert.match(app.said[0]!, sentence)
  assert.match(app.broker.fault!.message, sentence)
  const { code, stderr } = await command(env)
  assert.equal(code, 69)
  assert.match(stderr, new RegExp(`^netbehave: ${sentence.source.replace(/^\^/, '')}\\n$`))
  assert.equal(app.said.length, 1, app.said.join('\n'))
}

async function showCertificate(
  hosts: string[],
  validity = soon(),
  ca?: { key: string; certificate: string },
): Promise<void> {
  const own = { key: readFileSync(path('tls/ca.key'), 'utf8'), certificate: readFileSync(path('tls/ca.pem'), 'utf8') }
  const shown = await issueCertificate(ca ?? own, hosts, validity)
  writeFileSync(path('tls/hub.pem'), shown.certificate)
  writeFileSync(path('tls/hub.key'), shown.key)
  hub.reload()
  await until(async () => {
    await using app = connect()
    return await app.broker.connected.then(
      () => false,
      () => true,
    )
  })
}

test('a certificate of another CA', async () => {
  await showCertificate(['127.0.0.1'], soon(), await makeCa(soon()))
  await bothSay(
    /^the certificate of the broker at tls:\/\/127\.0\.0\.1:\d+ is not signed by the CA in \S+\/tls\/ca\.pem: copy tls\/ca\.pem from the hub's folder, or find out who answers there/,
  )
})

test('no CA named', async () => {
  await bothSay(
    /^the certificate of the broker at \S+ is signed by a CA that this machine does not know: set brokerCa to the hub's tls\/ca\.pem/,
    { brokerCa: '' },
    { NETBEHAVE_BROKER_CA: '' },
  )
})

test('an expired certificate', async () => {
  await showCertificate(['127.0.0.1'], { fromMs: Date.now() - 2 * DAY_MS, untilMs: Date.now() - DAY_MS })
  await bothSay(
    /^the certificate of the broker at \S+ has expired: at the hub, netbehave broker init makes a new one, and nats-server --signal reload shows it/,
  )
})

test('a certificate for another name; an address is not "localhost"', async () => {
  await showCertificate(['localhost', 'hub.example', '192.0.2.7'])
  await bothSay(
    /^the certificate of the broker at \S+ is for localhost, hub\.example, 192\.0\.2\.7 and not for that name: use one of these in brokerUrl, or add the name at the hub with netbehave broker init --host NAME/,
  )
})

test('a key that the hub no longer knows; it is taken again as soon as the hub knows it', async () => {
  await using app = connect({ giveUp: false })
  await app.broker.connected
  const revoked = good
    .get('public-keys.env')!
    .replace(/^NK_ENRICHER=(U\w+)$/m, 'NK_ENRICHER=UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4')
  writeFileSync(path('public-keys.env'), revoked)
  hub.reload()
  const sentence =
    /^the broker at \S+ does not know the key \S+\/keys\/enricher\/enricher\.seed: it was replaced or removed there; copy the current one from the hub's folder, or make a new one there with netbehave broker rotate enricher$/
  await until(() => app.broker.fault?.kind === 'refused')
  assert.equal(app.said.filter((line) => sentence.test(line)).length, 1, app.said.join('\n'))
  assert.ok(app.broker.counters.errors > 0)
  await using second = connect()
  await assert.rejects(second.broker.connected, { message: sentence })
  writeFileSync(path('public-keys.env'), good.get('public-keys.env')!)
  hub.reload()
  await until(() => app.broker.isConnected)
  assert.equal(app.said.filter((line) => sentence.test(line)).length, 1, app.said.join('\n'))
})

test('a certificate that expires while an app is connected is told when it has to connect anew', async () => {
  await using app = connect({ giveUp: false })
  const connection = await app.broker.connected
  await showCertificate(['127.0.0.1'], { fromMs: Date.now() - 2 * DAY_MS, untilMs: Date.now() - DAY_MS })
  await connection.reconnect()
  await until(() => app.broker.fault !== undefined)
  assert.match(app.broker.fault!.message, /has expired/)
  assert.deepEqual(app.said.filter((line) => /has expired/.test(line)).length, 1)
})

test('no key at all, a damaged key, a CA that is not there', async () => {
  await bothSay(
    /^the broker at \S+ asks for a key: set brokerKeys to the folder that holds \w+\.seed/,
    { brokerKeys: '' },
    { NETBEHAVE_BROKER_KEYS: '' },
  )
  const missing = await command({ NETBEHAVE_BROKER_CA: '/nowhere/ca.pem' })
  assert.deepEqual(
    [missing.code, missing.stderr],
    [
      78,
      "netbehave: the CA /nowhere/ca.pem is not there: copy tls/ca.pem from the hub's folder and name it in brokerCa\n",
    ],
  )
  writeFileSync(path('keys/enricher/enricher.seed'), 'SU nonsense')
  assert.throws(() => connect(), /the key \S+enricher\.seed is damaged/)
  rmSync(path('keys/enricher/enricher.seed'))
  assert.throws(() => connect(), /the key \S+enricher\.seed is not there/)
})

test('a key that was replaced on disk is used at the next sign-in, without a restart', async () => {
  await using app = connect({ giveUp: false })
  await app.broker.connected
  replaceKey(path('keys/enricher'), 'enricher')
  const { readPublicKey } = await import('@netbehave/broker')
  const fresh = readPublicKey(path('keys/enricher'), 'enricher')
  writeFileSync(
    path('public-keys.env'),
    good.get('public-keys.env')!.replace(/^NK_ENRICHER=\w+$/m, `NK_ENRICHER=${fresh}`),
  )
  hub.reload()
  await until(() => app.broker.counters.reconnects > 0)
  assert.equal(app.broker.counters.errors, 0, app.said.join('\n'))
})
