// Many names share few addresses, as at a CDN: clients ask, then connect; exporters tell of it later. What each flow was for is known here.
// The same run is scored as the 2018 system would have named it: by the last name that anybody was told for the address.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DnsReplyEvent } from '@netbehave/schema'
import { AddressCache } from './address-cache.ts'
import { keyOfText } from './address-key.ts'
import { NAME_HOW } from './told-names.ts'

const CLIENTS = 200
const NAMES = 50
const ADDRESSES = 5
const QUERIES = 40_000
/** An exporter tells of a flow up to so long after it began. */
const EXPORT_DELAY_MS = 60_000
const DAY_MS = 86_400_000

/** Numbers in [0, 1) that are the same on every run (mulberry32). */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

interface SimulatedFlow {
  readonly client: string
  readonly address: string
  readonly firstMs: number
  readonly toldMs: number
  /** Undefined: the client asked for nothing before (an address written into a program). */
  readonly truth: string | undefined
}

function simulate(seed: number) {
  const next = random(seed)
  const pick = (count: number) => Math.floor(next() * count)
  const addressOf = Array.from({ length: NAMES }, (_, i) => `203.0.113.${i % ADDRESSES}`)
  const queries: { atMs: number; client: string; address: string; name: string }[] = []
  const flows: SimulatedFlow[] = []
  for (let i = 0; i < QUERIES; i++) {
    const name = pick(NAMES)
    const client = `192.168.${pick(2)}.${pick(CLIENTS / 2)}`
    const asked = { atMs: Math.floor(next() * DAY_MS), client, address: addressOf[name]!, name: `site${name}.example` }
    queries.push(asked)
    if (next() < 0.05) {
      const firstMs = Math.floor(next() * DAY_MS)
      flows.push({ client: `10.0.0.${pick(200)}`, address: asked.address, firstMs, toldMs: firstMs, truth: undefined })
    }
    for (let connections = pick(4); connections > 0; connections--) {
      const firstMs = asked.atMs + pick(30)
      flows.push({ ...asked, firstMs, toldMs: firstMs + pick(EXPORT_DELAY_MS), truth: asked.name })
    }
  }
  queries.sort((a, b) => a.atMs - b.atMs)
  flows.sort((a, b) => a.toldMs - b.toldMs)
  return { queries, flows }
}

/** What a log says of when a question was answered: unbound's times have fractions, dnsmasq's are whole seconds. */
const LOGS: readonly [string, stampMs: number][] = [
  ['with milliseconds', 1],
  ['with whole seconds', 1000],
]

for (const [log, stampMs] of LOGS)
  test(`of the flows that followed a query 99.5 % and more get exactly its name, and none a wrong one as its own: a log ${log}`, (t) => {
    const { queries, flows } = simulate(20_181_124)
    const score = scoreOf(queries, flows, stampMs)
    const percent = (count: number) => `${((100 * count) / score.followed).toFixed(2)} %`
    t.diagnostic(`${score.followed} flows that followed a query: ${percent(score.exact)} named exactly`)
    t.diagnostic(`the last name that anybody was told would have been right for ${percent(score.lastWriter)}`)
    assert.ok(score.exact / score.followed >= 0.995, percent(score.exact))
    assert.ok(
      score.lastWriter < score.exact / 2,
      'the last name of anybody would do as well: nothing is simulated here',
    )
    assert.equal(score.wrongOwn, 0)
  })

function scoreOf(
  queries: ReturnType<typeof simulate>['queries'],
  flows: readonly SimulatedFlow[],
  stampMs: number,
): { followed: number; exact: number; wrongOwn: number; lastWriter: number } {
  const cache = new AddressCache('home', 200_000, 250)
  const addresses = [...new Set(queries.map(({ address }) => address))].map((address) => keyOfText(address)!)
  cache.expectNames(addresses)
  cache.putNames(addresses, { boot: 'b', sequence: 0, runs: addresses.map(() => []) })
  const lastName = new Map<string, string>()
  const score = { followed: 0, exact: 0, wrongOwn: 0, lastWriter: 0 }
  let asked = 0
  for (const flow of flows) {
    for (; asked < queries.length && queries[asked]!.atMs <= flow.toldMs; asked++) {
      const query = queries[asked]!
      lastName.set(query.address, query.name)
      const atMs = Math.floor(query.atMs / stampMs) * stampMs
      const answers: DnsReplyEvent['answers'] = [{ ...query, atMs, source: 'dns' }]
      cache.noteNames({ boot: 'b', site: 'home', sequence: asked + 1, answers })
    }
    const known = cache.get(keyOfText(flow.address)!)!
    const found = cache.nameOf(known, keyOfText(flow.client), Float64Array.of(flow.firstMs), 0)
    const isOwn = cache.how === NAME_HOW.client
    if (flow.truth === undefined) {
      if (isOwn) score.wrongOwn++
      continue
    }
    score.followed++
    if (isOwn && cache.labels.names.table.text(found) === flow.truth) score.exact++
    else if (isOwn && !overlaps(flow, queries, stampMs)) score.wrongOwn++
    if (lastName.get(flow.address) === flow.truth) score.lastWriter++
  }
  return score
}

/** Did the client ask for another name of the address between its query and the flow, as far as the log can tell? Then both are its own. */
function overlaps(
  { client, address, firstMs, truth }: SimulatedFlow,
  queries: readonly { atMs: number; client: string; address: string; name: string }[],
  stampMs: number,
): boolean {
  return queries.some(
    (query) =>
      query.client === client &&
      query.address === address &&
      query.name !== truth &&
      query.atMs <= firstMs + stampMs &&
      query.atMs >= firstMs - 30 - stampMs,
  )
}
