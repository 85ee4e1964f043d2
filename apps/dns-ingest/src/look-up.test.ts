import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MAX_RUNS } from '@netbehave/schema'
import { flush } from './flush.ts'
import { openTestStore } from './testing.ts'

test("a client's own name comes first, then the server's, then another client's, each as of the moment", () => {
  using open = openTestStore()
  open.tell(
    { name: 'own', atMs: 10 },
    { name: 'others', client: '10.0.0.2', atMs: 20 },
    { name: 'own-later', atMs: 30 },
  )
  const name = (client: string | undefined, atMs?: number, site = 'home') => {
    const lookup = { address: '192.0.2.1', site, ...(client && { client }), ...(atMs && { atMs }) }
    const [answer] = open.lookUp.reverse({ lookups: [lookup] }).answers
    return answer && `${answer.name} ${answer.how} ${answer.client}`
  }
  assert.equal(name('10.0.0.1', 29), 'own client 10.0.0.1')
  assert.equal(name('10.0.0.1'), 'own-later client 10.0.0.1')
  assert.equal(name('10.0.0.1', 9), null)
  assert.equal(name('10.0.0.3', 25), 'others other 10.0.0.2')
  assert.equal(name('10.0.0.1', 25, 'cabin'), 'others other null', "another site's client is not told")
  open.store.write(
    open.batch({ cached: [{ ...open.told[0]!, position: 9, client: null, name: 'nas', source: 'hosts', atMs: 12 }] }),
  )
  assert.equal(name('10.0.0.3', 25), 'nas local null')
  assert.equal(name('10.0.0.1', 25), 'own client 10.0.0.1')
  assert.equal(name('10.0.0.3', 25, 'cabin'), 'others other null')
})

test('runs of an address are the newest, oldest first; what does not fit into the reply is asked for again', () => {
  using open = openTestStore({ keepRows: 100_000 })
  const many = (address: string) =>
    Array.from({ length: MAX_RUNS + 10 }, (_, i) => ({ address, name: `n${i % 2}`, atMs: i + 1 }))
  for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) open.tell(...many(address))
  const { runs } = open.lookUp.runs({ site: 'home', addresses: ['192.0.2.9', '192.0.2.1', '192.0.2.2', '192.0.2.3'] })
  assert.deepEqual(
    runs.map((of) => of?.length),
    [0, MAX_RUNS, MAX_RUNS, undefined],
  )
  assert.deepEqual([runs[1]![0]!.firstMs, runs[1]!.at(-1)!.firstMs], [11, MAX_RUNS + 10])
  assert.equal(open.lookUp.runs({ site: 'home', addresses: ['192.0.2.3'] }).runs[0]?.length, MAX_RUNS)
})

test('names are listed by page, newest first, by client, name, part, result and time', () => {
  using open = openTestStore()
  open.ask(
    ...Array.from({ length: 25 }, (_, i) => ({
      name: `www.n${i}.test`,
      client: `10.0.0.${i % 2}`,
      atMs: 10 * (i >> 1),
    })),
  )
  const seen: string[] = []
  let next: string | null | undefined
  do {
    const page = open.lookUp.list({ limit: 10, ...(next && { after: next }) })
    seen.push(...page.queries.map(({ name }) => name))
    next = page.next
  } while (next)
  assert.deepEqual(
    seen,
    Array.from({ length: 25 }, (_, i) => `www.n${24 - i}.test`),
  )
  const count = (more: Partial<Parameters<typeof open.lookUp.list>[0]>) =>
    open.lookUp.list({ limit: 100, ...more }).queries.length
  assert.equal(count({ client: '10.0.0.1' }), 12)
  assert.equal(count({ name: 'WWW.n3.test' }), 1)
  assert.equal(count({ part: 'N1' }), 11)
  assert.equal(count({ result: 'blocked' }), 0)
  assert.equal(count({ fromMs: 100, toMs: 120 }), 4)
  assert.throws(() => open.lookUp.list({ limit: 1, after: "1' OR 1" }), /after/)
})

test('what is flushed is what fits every member', () => {
  using open = openTestStore()
  open.tell({ address: '192.0.2.1' }, { address: '192.0.2.2', client: '10.0.0.2' }, { address: '192.0.2.3', name: 'b' })
  open.ask({}, { name: 'b' })
  assert.deepEqual(flush(open.db, { client: '10.0.0.1', name: 'B' }), { answers: 1, queries: 1 })
  assert.deepEqual(flush(open.db, { address: '192.0.2.2' }), { answers: 1, queries: 0 })
  assert.deepEqual(flush(open.db, {}), { answers: 1, queries: 1 })
})
