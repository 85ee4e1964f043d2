import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { openDatabase, type SetAside } from '@netbehave/sqlite'
import { type Block, parseBlock, parseValue } from './address-range.ts'
import { createHolderStore, type HolderStore } from './holder-store.ts'

const MIGRATIONS = join(import.meta.dirname, 'migrations')
let directory: string
let store: HolderStore
const clock = { now: 1_000_000 }

function open(maxRows = 1000, onSetAside: (aside: SetAside) => void = () => assert.fail('set aside')): HolderStore {
  const db = openDatabase(join(directory, 'whois.sqlite3'), MIGRATIONS, { onSetAside })
  return createHolderStore(db, { maxRows, keepMs: 30_000, keepNoneMs: 1_000, now: () => clock.now })
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'netbehave-whois-'))
  clock.now = 1_000_000
  store = open()
})
afterEach(() => {
  store[Symbol.dispose]()
  rmSync(directory, { recursive: true, force: true })
})

const put = (block: string, name: string) =>
  store.put({ ...(parseBlock(block) as Block), name, org: `${name} Org`, country: 'NL' }, 'ripe')
const nameOf = (address: string) => {
  const kept = store.find(parseValue(address)!)
  return kept === undefined ? 'unknown' : (kept.holder?.name ?? 'none')
}

test('the smallest block around an address answers, in whatever order the blocks came', () => {
  put('8.8.8.0/24', 'small')
  put('8.0.0.0/9', 'wide')
  put('8.8.0.0/16', 'middle')
  put('8.8.8.8/32', 'one')
  put('2a00::/12', 'wide6')
  put('2a00:1450::/32', 'small6')
  const asked = '8.8.8.8 8.8.8.7 8.8.9.1 8.9.0.0 8.128.0.0 7.255.255.255 2a00:1450::1 2a00:1451::1 2b00::1 ::1'
  assert.deepEqual(asked.split(' ').map(nameOf), [
    'one',
    'small',
    'middle',
    'wide',
    'unknown',
    'unknown',
    'small6',
    'wide6',
    'unknown',
    'unknown',
  ])
})

test('a block that is no power of two answers from its first to its last address', () => {
  const range = { start: parseValue('8.0.0.5')!, end: parseValue('8.0.1.130')! }
  store.put({ ...range, name: 'odd', org: 'odd', country: '' }, 'arin')
  assert.deepEqual(['8.0.0.4', '8.0.0.5', '8.0.1.130', '8.0.1.131'].map(nameOf), ['unknown', 'odd', 'odd', 'unknown'])
})

test('a holder is told with its block, registry and time', () => {
  put('8.8.8.0/24', 'EXAMPLE')
  assert.deepEqual(store.find(parseValue('8.8.8.8')!), {
    expiresMs: 1_030_000,
    holder: {
      ...{ name: 'EXAMPLE', org: 'EXAMPLE Org', country: 'NL', registry: 'ripe', fetchedMs: 1_000_000 },
      ...{ startAddress: '8.8.8.0', endAddress: '8.8.8.255' },
    },
  })
})

test('holders and "nobody" hold for their own time, and what is newer takes their place', () => {
  put('8.8.8.0/24', 'known')
  store.putNone(parseValue('9.9.9.9')!, 'arin')
  assert.deepEqual([nameOf('8.8.8.8'), nameOf('9.9.9.9'), nameOf('9.9.9.8')], ['known', 'none', 'unknown'])
  clock.now += 1_000
  assert.deepEqual([nameOf('8.8.8.8'), nameOf('9.9.9.9')], ['known', 'unknown'])
  store.putNone(parseValue('9.9.9.9')!, 'arin')
  put('9.9.9.0/24', 'late')
  assert.equal(nameOf('9.9.9.9'), 'late')
  clock.now += 29_000
  assert.equal(nameOf('8.8.8.8'), 'unknown')
  store.prune()
  assert.deepEqual(store.count(), { known: 1, none: 0 })
  assert.equal(store.counters.expired, 1)
})

test('beyond the limit what expires first goes, counted', () => {
  store[Symbol.dispose]()
  store = open(10)
  for (let i = 0; i < 30; i++) {
    clock.now += 1
    put(`8.8.${i}.0/24`, `n${i}`)
  }
  assert.deepEqual(store.count(), { known: 10, none: 0 })
  assert.equal(store.counters.evicted, 20)
  assert.deepEqual([nameOf('8.8.19.1'), nameOf('8.8.20.1'), nameOf('8.8.29.1')], ['unknown', 'n20', 'n29'])
})

test('flush forgets everything, or only what nobody holds', () => {
  put('8.8.8.0/24', 'known')
  store.putNone(parseValue('9.9.9.9')!, 'arin')
  assert.equal(store.flush('none'), 1)
  assert.deepEqual([nameOf('8.8.8.8'), nameOf('9.9.9.9')], ['known', 'unknown'])
  assert.equal(store.flush('all'), 1)
  assert.equal(nameOf('8.8.8.8'), 'unknown')
})

test('rows are there after a restart', () => {
  put('8.8.8.0/24', 'known')
  store[Symbol.dispose]()
  store = open()
  assert.equal(nameOf('8.8.8.8'), 'known')
})

test('a damaged file is set aside and the store begins anew', () => {
  store[Symbol.dispose]()
  writeFileSync(join(directory, 'whois.sqlite3'), 'no database at all, and longer than its header '.repeat(10))
  const asides: SetAside[] = []
  store = open(1000, (aside) => asides.push(aside))
  assert.equal(asides.length, 1)
  put('8.8.8.0/24', 'known')
  assert.equal(nameOf('8.8.8.8'), 'known')
})
