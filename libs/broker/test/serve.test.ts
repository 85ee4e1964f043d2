import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineRequest } from '@netbehave/schema'
import { z } from 'zod'
import { ask, type Endpoint, endpoint, RequestFault, type ServeOptions, serve } from '../src/index.ts'
import { silentLog, startTestBroker } from '../src/testing.ts'

const DOUBLE = defineRequest('test.ro.double', {
  request: z.strictObject({ n: z.number() }),
  reply: z.object({ n: z.number() }),
  meaning: 'twice as much',
})
const HOLD = defineRequest('test.rw.hold', { request: z.strictObject({}), reply: z.object({}), meaning: 'waits' })

/** A server that serves `endpoints`, and a connection that asks. */
async function start(endpoints: Endpoint[], options: Partial<ServeOptions> = {}) {
  const server = await startTestBroker()
  const service = serve(server.connect('dns-service'), silentLog, endpoints, {
    version: '1.0.0',
    description: 'for tests',
    ...options,
  })
  await service.ready
  const asker = server.connect('analyst')
  return { server, service, asker, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

const faultOf = (promise: Promise<unknown>): Promise<RequestFault> =>
  promise.then(
    () => assert.fail('there was an answer'),
    (error: unknown) => (error instanceof RequestFault ? error : assert.fail(String(error))),
  )

test('a request is answered by its handler, once', async () => {
  await using system = await start([endpoint(DOUBLE, async ({ n }) => ({ n: 2 * n }))])
  assert.deepEqual(await ask(system.asker, DOUBLE, { n: 21 }), { n: 42 })
  assert.equal(system.service.counters.requests, 1)
})

test('what does not fit the contract is refused with what is wrong, and never reaches the handler', async () => {
  let handled = 0
  const counting = endpoint(DOUBLE, ({ n }) => {
    handled++
    return { n }
  })
  await using system = await start([counting])
  const wrongType = await faultOf(ask(system.asker, DOUBLE, { n: 'x' as unknown as number }))
  assert.equal(wrongType.code, 400)
  assert.match(wrongType.message, /^n: /)
  const connection = await system.asker.connected
  const noJson = await connection.request(DOUBLE.subject, new Uint8Array([0xff, 0x7b]), { timeout: 2000 })
  assert.equal(noJson.headers?.get('Nats-Service-Error-Code'), '400')
  assert.equal(handled, 0)
  assert.equal(system.service.counters.faults.get(400), 2)
})

test("a handler's own fault reaches the asker; anything else is a 500 with an id and no detail", async () => {
  const failing = endpoint(DOUBLE, ({ n }) => {
    if (n === 1) throw new RequestFault(404, 'there is no 1\r\nat all')
    throw new Error('the password is hunter2')
  })
  await using system = await start([failing])
  const known = await faultOf(ask(system.asker, DOUBLE, { n: 1 }))
  assert.deepEqual([known.code, known.message], [404, 'there is no 1 at all'])
  const unknown = await faultOf(ask(system.asker, DOUBLE, { n: 2 }))
  assert.equal(unknown.code, 500)
  assert.doesNotMatch(unknown.message, /hunter2/)
  assert.match(unknown.message, /[0-9a-f]{8}-/)
})

test('more at once than allowed is refused with 503, and what is being handled is answered at the stop', async () => {
  const release = Promise.withResolvers<void>()
  const holding = endpoint(HOLD, async () => {
    await release.promise
    return {}
  })
  await using system = await start([holding], { maxInFlight: 2 })
  const first = ask(system.asker, HOLD, {})
  const second = ask(system.asker, HOLD, {})
  const third = await faultOf(ask(system.asker, HOLD, {}))
  assert.equal(third.code, 503)
  assert.equal(system.service.counters.inFlight, 2)
  const stopped = system.service[Symbol.asyncDispose]()
  release.resolve()
  await stopped
  assert.deepEqual(await Promise.all([first, second]), [{}, {}])
})

test('an answer never goes to a subject that is no inbox', async () => {
  await using system = await start([endpoint(DOUBLE, ({ n }) => ({ n }))])
  const connection = await system.asker.connected
  const heard: string[] = []
  connection.subscribe('test.admin.>', { callback: (_, message) => void heard.push(message.subject) })
  connection.publish(DOUBLE.subject, JSON.stringify({ n: 1 }), { reply: 'test.admin.flush' })
  await ask(system.asker, DOUBLE, { n: 2 })
  assert.deepEqual(heard, [])
  assert.equal(system.service.counters.requests, 1)
})

test('nobody serving, no answer in time and a broker that is away are told apart', async () => {
  await using system = await start([endpoint(HOLD, () => new Promise(() => {}))], { closeMs: 0 })
  const nobody = await faultOf(ask(system.asker, DOUBLE, { n: 1 }))
  assert.equal(nobody.code, 503)
  assert.match(nobody.message, /is the test service running/)
  assert.equal((await faultOf(ask(system.asker, HOLD, {}, { timeoutMs: 30 }))).code, 504)
  await system.server.kill()
  const away = await faultOf(ask(system.asker, DOUBLE, { n: 1 }, { timeoutMs: 500 }))
  assert.ok(away.code === 503 || away.code === 504, away.message)
  await system.server.start()
})

test('a reply that does not fit the contract is a 502', async () => {
  await using system = await start([endpoint(DOUBLE, () => ({ n: 'many' }) as never)])
  assert.equal((await faultOf(ask(system.asker, DOUBLE, { n: 1 }))).code, 502)
})

test('discovery tells name, endpoints and counts', async () => {
  await using system = await start([endpoint(DOUBLE, ({ n }) => ({ n })), endpoint(HOLD, () => ({}))])
  await ask(system.asker, DOUBLE, { n: 1 })
  const connection = await system.asker.connected
  const read = async (verb: string) =>
    (await connection.request(`$SRV.${verb}.test`, '', { timeout: 2000 })).json() as never
  assert.deepEqual(Object.keys((await read('PING')) as object).sort(), ['id', 'metadata', 'name', 'type', 'version'])
  const stats: { endpoints: { subject: string; queue_group: string; num_requests: number }[] } = await read('STATS')
  assert.deepEqual(
    stats.endpoints.map((served) => [served.subject, served.queue_group, served.num_requests]),
    [
      ['test.ro.double', 'test-ro', 1],
      ['test.rw.hold', 'test-rw', 0],
    ],
  )
})
