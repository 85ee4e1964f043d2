import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RequestFault } from '@netbehave/broker'
import { type AddressKey, keyOfText } from './address-key.ts'
import { LookUp, type LookUpOptions } from './look-up.ts'

const key = (i: number) => keyOfText(`203.0.${i >> 8}.${i & 255}`)!

/** A look-up whose requests the test answers itself, on a clock that the test sets. */
function start(options: Partial<LookUpOptions> = {}) {
  const requests: { keys: readonly AddressKey[]; answer: () => void; fail: (error: Error) => void }[] = []
  const lines: string[] = []
  const clock = { ms: 1000 }
  const lookUp = new LookUp({
    service: 'dns',
    waitMs: 10_000,
    now: () => clock.ms,
    limitedLog: (_key, _fields, line) => void lines.push(line),
    ask: (keys) => new Promise((answer, fail) => requests.push({ keys, answer, fail })),
    ...options,
  })
  return { lookUp, requests, lines, clock }
}

test('all misses of a batch go out together, and once while they are on their way', async () => {
  const { lookUp, requests } = start()
  for (let i = 0; i < 1500; i++) lookUp.want(key(i))
  const first = lookUp.settle()
  assert.deepEqual(
    requests.map(({ keys }) => keys.length),
    [1024, 476],
  )
  lookUp.want(key(3))
  lookUp.want(key(5000))
  const second = lookUp.settle()
  assert.deepEqual(
    requests.map(({ keys }) => keys.length),
    [1024, 476, 1],
  )
  for (const { answer } of requests) answer()
  await Promise.all([first, second])
  assert.equal(lookUp.counters.asked, 1501)
  assert.equal(lookUp.counters.late, 0)
})

test('a batch goes on without an answer when it waited long enough, and is counted', async () => {
  const { lookUp, requests } = start({ waitMs: 5 })
  lookUp.want(key(1))
  await lookUp.settle()
  assert.equal(lookUp.counters.late, 1)
  requests[0]!.answer()
})

test('nothing to ask for waits for nothing', async () => {
  const { lookUp } = start()
  await lookUp.settle()
  assert.equal(lookUp.counters.waits, 0)
})

test('a service that fails is left alone, longer each time, and asked again', async () => {
  const { lookUp, requests, lines, clock } = start()
  for (const restMs of [1000, 2000, 4000]) {
    lookUp.want(key(1))
    const settled = lookUp.settle()
    requests.at(-1)!.fail(new RequestFault(504, 'no answer on dns.ro.runs within 2000 ms'))
    await settled
    assert.equal(lookUp.isOpen, false)
    clock.ms += restMs - 1
    assert.equal(lookUp.isOpen, false)
    clock.ms += 1
    assert.equal(lookUp.isOpen, true)
  }
  assert.equal(requests.length, 3)
  assert.match(lines[0]!, /no look-ups from the dns service \(no answer/)
  lookUp.want(key(1))
  const settled = lookUp.settle()
  requests.at(-1)!.answer()
  await settled
  assert.equal(lookUp.isOpen, true)
})

test('a service that is not there is counted, not complained of', async () => {
  const { lookUp, requests, lines } = start()
  lookUp.want(key(1))
  const settled = lookUp.settle()
  requests[0]!.fail(new RequestFault(503, 'nobody serves dns.ro.runs'))
  await settled
  assert.deepEqual([lookUp.counters.faults, lines], [1, []])
})

test('no more is on its way than a slow service can answer; the rest is left out and counted', async () => {
  const { lookUp, requests } = start({ waitMs: 1 })
  for (let i = 0; i < 6000; i++) lookUp.want(key(i))
  await lookUp.settle()
  assert.equal(requests.length, 4)
  assert.equal(lookUp.counters.leftOut, 6000 - 4096)
  lookUp.want(key(9000))
  await lookUp.settle()
  assert.equal(requests.length, 4)
  for (const { answer } of requests) answer()
})
