import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DnsReplyEvent, DnsRun } from '@netbehave/schema'
import { AddressCache, NOT_ASKED } from './address-cache.ts'
import { keyOfText } from './address-key.ts'
import { UNKNOWN } from './recent-addresses.ts'
import { NAME_HOW } from './told-names.ts'

const key = (text: string) => keyOfText(text)!
const CDN = '203.0.113.7'
const LAPTOP = '192.168.1.10'
const PHONE = '192.168.1.11'

const run = (client: string | null, name: string, firstMs: number, source: DnsRun['source'] = 'dns'): DnsRun => {
  return { client, name, source, firstMs, lastMs: firstMs }
}
const event = (sequence: number, members: Partial<DnsReplyEvent> & { told?: [string | null, string, number][] }) => {
  const answers = (members.told ?? []).map(([client, name, atMs]) => {
    return { client, address: CDN, name, source: 'dns' as const, atMs }
  })
  return { boot: 'b', site: 'home', sequence, answers, ...members }
}

function cacheOf(runs: DnsRun[], address = CDN): AddressCache {
  const cache = new AddressCache('home', 1000, 250)
  cache.expectNames([key(address)])
  cache.putNames([key(address)], { boot: 'b', sequence: 1, runs: [runs] })
  return cache
}
function find(cache: AddressCache, client: string | undefined, atMs: number, address = CDN) {
  const known = cache.get(key(address))
  if (known === UNKNOWN) return undefined
  const label = cache.nameOf(known, client === undefined ? undefined : key(client), Float64Array.of(atMs), 0)
  if (label === NOT_ASKED) return undefined
  return [cache.labels.names.table.text(label) || undefined, cache.how]
}

test('a flow gets the name that its client asked for last before it began', () => {
  const cache = cacheOf([run(LAPTOP, 'a.example', 1000), run(PHONE, 'b.example', 2000), run(LAPTOP, 'c.example', 3000)])
  assert.deepEqual(find(cache, LAPTOP, 2500), ['a.example', NAME_HOW.client])
  assert.deepEqual(find(cache, LAPTOP, 3000), ['c.example', NAME_HOW.client])
  assert.deepEqual(find(cache, PHONE, 9000), ['b.example', NAME_HOW.client])
})

test('a client that never asked gets what others were told last before, marked as theirs', () => {
  const cache = cacheOf([run(LAPTOP, 'a.example', 1000), run(PHONE, 'b.example', 2000)])
  assert.deepEqual(find(cache, '192.168.1.12', 1500), ['a.example', NAME_HOW.other])
  assert.deepEqual(find(cache, undefined, 2500), ['b.example', NAME_HOW.other])
  assert.deepEqual(find(cache, PHONE, 1500), ['a.example', NAME_HOW.other])
  assert.deepEqual(find(cache, PHONE, 500), [undefined, NAME_HOW.none])
})

test('an answer a moment after the flow counts when there is none before, as clocks differ', () => {
  const cache = cacheOf([run(LAPTOP, 'a.example', 1000)])
  assert.deepEqual(find(cache, LAPTOP, 800), ['a.example', NAME_HOW.client])
  assert.deepEqual(find(cache, LAPTOP, 700), [undefined, NAME_HOW.none])
})

test('names from hosts files and leases hold for all time, after what the client asked itself', () => {
  const nas = '192.168.1.5'
  const cache = cacheOf([run(null, 'nas.home', 5000, 'hosts'), run(LAPTOP, 'photos.home', 6000)], nas)
  assert.deepEqual(find(cache, PHONE, 1000, nas), ['nas.home', NAME_HOW.local])
  assert.deepEqual(find(cache, LAPTOP, 7000, nas), ['photos.home', NAME_HOW.client])
})

test('an address that nobody was told is known to have no name; another is not known at all', () => {
  const cache = cacheOf([])
  assert.deepEqual(find(cache, LAPTOP, 1000), [undefined, NAME_HOW.none])
  assert.equal(find(cache, LAPTOP, 1000, '203.0.113.8'), undefined)
})

test('what clients are being told goes in at once; the same name again is the same run', () => {
  const cache = cacheOf([])
  cache.noteNames(
    event(2, {
      told: [
        [LAPTOP, 'a.example', 1000],
        [LAPTOP, 'a.example', 2000],
        [PHONE, 'b.example', 2500],
      ],
    }),
  )
  const size = cache.size
  cache.noteNames(
    event(3, {
      told: [
        [LAPTOP, 'a.example', 3000],
        [PHONE, 'b.example', 3500],
      ],
    }),
  )
  assert.deepEqual(find(cache, LAPTOP, 5000), ['a.example', NAME_HOW.client])
  assert.ok(cache.size <= size + 2)
  cache.noteNames(event(4, { told: [[LAPTOP, 'late.example', 500]] }))
  assert.deepEqual(find(cache, LAPTOP, 600), ['late.example', NAME_HOW.client])
  assert.deepEqual(find(cache, LAPTOP, 1500), ['a.example', NAME_HOW.client])
})

test('an event between question and reply is not lost', () => {
  const cache = new AddressCache('home', 1000, 250)
  cache.expectNames([key(CDN)])
  cache.noteNames(event(7, { told: [[LAPTOP, 'a.example', 1000]] }))
  cache.putNames([key(CDN)], { boot: 'b', sequence: 6, runs: [[]] })
  assert.deepEqual(find(cache, LAPTOP, 1000), ['a.example', NAME_HOW.client])
})

test('missed events, and a service that started anew, empty the cache; a reply from before does not fill it', () => {
  for (const next of [event(4, {}), event(1, { boot: 'another' })]) {
    const cache = cacheOf([run(LAPTOP, 'a.example', 1000)])
    cache.noteNames(event(2, {}))
    assert.deepEqual(find(cache, LAPTOP, 1000), ['a.example', NAME_HOW.client])
    cache.expectNames([key('203.0.113.9')])
    cache.noteNames(next)
    assert.equal(find(cache, LAPTOP, 1000), undefined)
    cache.putNames([key('203.0.113.9')], { boot: 'b', sequence: 2, runs: [[]] })
    assert.equal(find(cache, LAPTOP, 1000, '203.0.113.9'), undefined)
    assert.equal(cache.resets, 1)
  }
})

test('a repeated event changes nothing', () => {
  const cache = cacheOf([])
  cache.noteNames(event(2, { told: [[LAPTOP, 'a.example', 1000]] }))
  cache.noteNames(event(2, { told: [[LAPTOP, 'b.example', 1000]] }))
  assert.deepEqual(find(cache, LAPTOP, 1000), ['a.example', NAME_HOW.client])
  assert.equal(cache.resets, 0)
})

test('the same address at another site is another client, and its local names stay there', () => {
  const cache = cacheOf([])
  cache.noteNames(event(2, { site: 'branch', told: [[LAPTOP, 'theirs.example', 1000]] }))
  assert.deepEqual(find(cache, LAPTOP, 2000), ['theirs.example', NAME_HOW.other])
  const local = { client: null, address: CDN, name: 'printer.branch', source: 'dhcp' as const, atMs: 1 }
  cache.noteNames({ ...event(3, {}), site: 'branch', answers: [local] })
  assert.deepEqual(find(cache, undefined, 500), [undefined, NAME_HOW.none])
})

test('a reply that had no room for an address leaves it to be asked again', () => {
  const cache = new AddressCache('home', 1000, 250)
  cache.expectNames([key(CDN)])
  cache.putNames([key(CDN)], { boot: 'b', sequence: 1, runs: [null] })
  assert.equal(find(cache, LAPTOP, 1000), undefined)
})

test('a flood of names is bounded, for one address and for all', () => {
  const cache = cacheOf([])
  for (let i = 0; i < 5000; i++)
    cache.noteNames(
      event(2 + i, {
        told: [
          [`10.${i >> 8}.${i & 255}.1`, `n${i}.example`, i],
          [LAPTOP, `m${i}.example`, i],
        ],
      }),
    )
  assert.deepEqual(find(cache, LAPTOP, 10_000), ['m4999.example', NAME_HOW.client])
  assert.ok(cache.size < 4300, `${cache.size} names of one address`)
  const many = new AddressCache('home', 1000, 250)
  for (let i = 0; i < 5000; i++) {
    const address = key(`203.${i >> 16}.${(i >> 8) & 255}.${i & 255}`)
    many.expectNames([address])
    many.putNames([address], { boot: 'b', sequence: 1, runs: [[run(LAPTOP, `n${i}.example`, 1)]] })
  }
  assert.ok(many.size <= 1010, `${many.size} names`)
  assert.ok(many.evicted > 3000)
})

test('texts that no address has any more are forgotten; what is known stays, under other numbers', () => {
  const cache = new AddressCache('home', 100, 250)
  cache.putAssets([key(LAPTOP)], ['laptop'], 0)
  cache.expectNames([key(CDN)])
  cache.putNames([key(CDN)], { boot: 'b', sequence: 1, runs: [[run(PHONE, 'first.example', 1000)]] })
  const { labels } = cache
  for (let i = 0; i < 500; i++) {
    cache.putAssets([key('192.168.9.9')], [`device ${i}`], 0)
    cache.noteNames(event(i + 2, { told: [[LAPTOP, `n${i}.example`, 2000 + i]] }))
  }
  assert.notEqual(cache.labels, labels)
  assert.ok(cache.labels.names.table.size < 300 && cache.labels.orgs.table.size < 300)
  assert.equal(cache.labels.orgs.table.text(cache.ownerOf(cache.get(key(LAPTOP)), 0)), 'laptop')
  assert.deepEqual(find(cache, LAPTOP, 2499), ['n499.example', NAME_HOW.client])
  assert.deepEqual(find(cache, PHONE, 2499), ['first.example', NAME_HOW.client])
  assert.equal(cache.resets, 0)
})

test('a flow from before all time, as of an exporter without a clock, has the name that there is, or none', () => {
  for (const atMs of [0, -1e12]) {
    assert.deepEqual(find(cacheOf([]), LAPTOP, atMs), [undefined, NAME_HOW.none])
    assert.deepEqual(find(cacheOf([run(PHONE, 'a.example', 1000)]), LAPTOP, atMs), [undefined, NAME_HOW.none])
    assert.deepEqual(find(cacheOf([run(null, 'nas.home', 1000, 'hosts')]), LAPTOP, atMs), ['nas.home', NAME_HOW.local])
  }
})

test('times far from now are no nearer for it', () => {
  const far = cacheOf([run(PHONE, 'a.example', 1e15)])
  assert.deepEqual(find(far, LAPTOP, 2e12), [undefined, NAME_HOW.none])
  far.putAssets([key(CDN)], ['device'], 2_200_000_000_000) // the year 2039
  assert.notEqual(far.ownerOf(far.get(key(CDN)), 2_200_000_000), NOT_ASKED)
})
