// kill -9 at any moment: no answer that was in the log is lost, none is counted twice; alone, and as two halves with the broker between.
import assert from 'node:assert/strict'
import { appendFile, rename, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import type { Child } from '@netbehave/bench'
import { ask, type Broker } from '@netbehave/broker'
import { startTestBroker } from '@netbehave/broker/testing'
import { DNS_FORWARD, DNS_INFO, DNS_LIST } from '@netbehave/schema'
import { startIngest, temporaryFolder, until } from './programs.ts'

const ROUNDS = 6
const PER_ROUND = 400
const NAMES = 50

const stamp = () => new Date().toString().replace(/^\w+ (\w+) (\d+) \d+ ([\d:]+) .*$/, '$1 $2 $3')

/** Questions first, their answers behind, so that every moment has some that wait. */
function linesOf(round: number): string[] {
  const queries: string[] = []
  const answers: string[] = []
  for (let i = 0; i < PER_ROUND; i++) {
    const n = round * PER_ROUND + i
    const client = `10.${round}.${i >> 8}.${i & 255}`
    queries.push(`${stamp()} dnsmasq[1]: query[A] n${n % NAMES}.r${n}.test from ${client}\n`)
    answers.push(`${stamp()} dnsmasq[1]: reply n${n % NAMES}.r${n}.test is 192.0.2.${n % NAMES}\n`)
  }
  const lines: string[] = []
  for (let i = 0; i < PER_ROUND + 20; i++) lines.push(queries[i] ?? '', answers[i - 20] ?? '')
  return lines.filter((line) => line !== '')
}

async function checkAll(asker: Broker): Promise<void> {
  const total = ROUNDS * PER_ROUND
  await until(
    'all is stored',
    async () => {
      const info = await ask(asker, DNS_INFO, {}).catch(() => undefined)
      return info !== undefined && info.answers >= total && info.queries >= total
    },
    { timeoutMs: 40_000 },
  )
  const info = await ask(asker, DNS_INFO, {})
  assert.deepEqual([info.answers, info.queries], [total, total])
  let after: string | null | undefined
  let hits = 0
  do {
    const page = await ask(asker, DNS_LIST, { limit: 1024, ...(after && { after }) })
    for (const query of page.queries) {
      hits += query.hits
      assert.equal(query.result, 'address', `${query.name} of ${query.client}`)
    }
    after = page.next
  } while (after)
  assert.equal(hits, total, 'every question once')
  for (const n of [0, 1, 399, 400, total - 1]) {
    const { answers } = await ask(asker, DNS_FORWARD, { name: `n${n % NAMES}.r${n}.test` })
    const i = n % PER_ROUND
    const client = `10.${Math.floor(n / PER_ROUND)}.${i >> 8}.${i & 255}`
    assert.deepEqual(
      answers.map(({ client: of, address, hits: times }) => [of, address, times]),
      [[client, `192.0.2.${n % NAMES}`, 1]],
    )
  }
}

async function writeAndKill(log: string, restart: () => Promise<Child>, kill: () => Promise<void>): Promise<Child> {
  for (let round = 0; round < ROUNDS; round++) {
    const lines = linesOf(round)
    await restart()
    for (let from = 0; from < lines.length; from += 100) {
      await appendFile(log, lines.slice(from, from + 100).join(''))
      // Somewhere in the middle of what it does.
      if (from === 100 * (1 + (round % 5))) await kill()
    }
    if (round === 2) {
      await rename(log, `${log}.1`)
      await writeFile(log, '')
    }
  }
  return restart()
}

test('killed and started again, with a rotation in between: each answer once, for the client that asked', async () => {
  await using folder = await temporaryFolder()
  await using broker = await startTestBroker()
  const log = folder.file('dnsmasq.log')
  await writeFile(log, '')
  let running: Child | undefined
  const kill = async () => running!.kill()
  const restart = async () => {
    await running?.kill()
    running = await startIngest(broker.url, folder, { DNS_INGEST_LOGS: log, DNS_INGEST_POLL_MS: '5' })
    return running
  }
  await using _last = await writeAndKill(log, restart, kill)
  await checkAll(broker.connect('analyst'))
})

test('as ingest at a site and cache at the hub, both killed in turn: each answer once', async () => {
  await using folder = await temporaryFolder()
  await using hubFolder = await temporaryFolder()
  await using broker = await startTestBroker()
  const log = folder.file('dnsmasq.log')
  await writeFile(log, '')
  let ingest: Child | undefined
  let hub: Child | undefined
  await using _hub = { [Symbol.asyncDispose]: async () => hub?.[Symbol.asyncDispose]() }
  let kills = 0
  const startHub = async () => {
    hub = await startIngest(broker.url, hubFolder, { DNS_INGEST_MODE: 'cache' })
  }
  await startHub()
  const kill = async () => {
    if (kills++ % 2 === 0) return ingest!.kill()
    await hub!.kill()
    await startHub()
  }
  const restart = async () => {
    await ingest?.kill()
    ingest = await startIngest(broker.url, folder, {
      DNS_INGEST_LOGS: log,
      DNS_INGEST_MODE: 'ingest',
      DNS_INGEST_POLL_MS: '5',
      NETBEHAVE_SITE: 'cabin',
    })
    return ingest
  }
  await using _last = await writeAndKill(log, restart, kill)
  await checkAll(broker.connect('analyst'))
})
