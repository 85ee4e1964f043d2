// What the registries said, on disk: whois.sqlite3. In: blocks with their holder, addresses without one. Out: the smallest block
// around an address that has not expired. Limit: `maxRows`; what expires first goes.
import type { AddressHolder, Registry } from '@netbehave/schema'
import type { Database } from '@netbehave/sqlite'
import { type AddressRange, familyOf, toBytes, toText, toValue, widthBits } from './address-range.ts'

/** What a registry says of a block. */
export interface Network extends AddressRange {
  readonly name: string
  readonly org: string
  readonly country: string
}

export interface Kept {
  /** Null: the registry knows no holder. */
  readonly holder: AddressHolder | null
  readonly expiresMs: number
}

export interface HolderStoreOptions {
  readonly maxRows: number
  readonly keepMs: number
  readonly keepNoneMs: number
  readonly now: () => number
}

export interface HolderStore extends Disposable {
  readonly counters: { readonly expired: number; readonly evicted: number }
  find(address: bigint): Kept | undefined
  /** Runs many `find`s in one transaction: they see one state of the file. */
  reading<T>(read: () => T): T
  put(network: Network, registry: Registry): void
  putNone(address: bigint, registry: Registry): void
  /** Removes what expired, and what is too much. */
  prune(): void
  /** Returns how many rows went. */
  flush(what: 'all' | 'none'): number
  count(): { known: number; none: number }
}

interface Row {
  first: Uint8Array
  last: Uint8Array
  registry: Registry
  held: number
  name: string
  org: string
  country: string
  fetched_ms: number
  expires_ms: number
}

/** No block of a family is wider. */
const IPV4_BITS = 32
const IPV6_BITS = 128
/** So many rows are written before the limit is looked at again. */
const WRITES_BETWEEN_PRUNES = 100

export function createHolderStore(db: Database, options: HolderStoreOptions): HolderStore {
  const { maxRows, keepMs, keepNoneMs, now } = options
  const writesBetweenPrunes = Math.min(WRITES_BETWEEN_PRUNES, Math.max(1, Math.floor(maxRows / 10)))
  const counters = { expired: 0, evicted: 0 }
  let writes = 0
  let widths: number[] = []

  const selectWidths = db.prepare('SELECT DISTINCT bits FROM holder ORDER BY bits').pluck()
  // Blocks of registries lie within each other or apart, so of one width the one that begins last is the inner one.
  const select = db.prepare(
    `SELECT first, last, registry, held, name, org, country, fetched_ms, expires_ms FROM holder
     WHERE bits = ? AND first BETWEEN ? AND ? AND last >= ? AND expires_ms > ? ORDER BY first DESC, last LIMIT 1`,
  )
  const upsert = db.prepare('INSERT OR REPLACE INTO holder VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
  const deleteNoneWithin = db.prepare('DELETE FROM holder WHERE bits = 0 AND held = 0 AND first BETWEEN ? AND ?')
  const deleteExpired = db.prepare('DELETE FROM holder WHERE expires_ms <= ?')
  const deleteFirstToExpire = db.prepare(
    `DELETE FROM holder WHERE (bits, first, last) IN
     (SELECT bits, first, last FROM holder ORDER BY expires_ms LIMIT ?)`,
  )
  const countHeld = db.prepare('SELECT held, count(*) AS count FROM holder GROUP BY held')
  const countAll = db.prepare('SELECT count(*) FROM holder').pluck()

  const readWidths = () => {
    widths = selectWidths.all() as number[]
  }

  function write(range: AddressRange, held: 0 | 1, registry: Registry, texts: Omit<Network, keyof AddressRange>): void {
    const bits = widthBits(range)
    const at = now()
    const ends = [toBytes(range.start), toBytes(range.end)]
    const expires = at + (held ? keepMs : keepNoneMs)
    upsert.run(bits, ...ends, registry, held, texts.name, texts.org, texts.country, at, expires)
    if (!widths.includes(bits)) widths = [...widths, bits].sort((a, b) => a - b)
  }

  function pruneSometimes(): void {
    if (++writes % writesBetweenPrunes === 0) prune()
  }

  function prune(): void {
    counters.expired += deleteExpired.run(now()).changes
    const tooMany = (countAll.get() as number) - maxRows
    if (tooMany > 0) counters.evicted += deleteFirstToExpire.run(tooMany).changes
    readWidths()
  }

  readWidths()
  return {
    counters,
    find(address) {
      const at = now()
      const bytes = toBytes(address)
      const widest = familyOf(address) === 4 ? IPV4_BITS : IPV6_BITS
      for (const bits of widths) {
        if (bits > widest) break
        const lowest = address - (1n << BigInt(bits)) + 1n
        const row = select.get(bits, toBytes(lowest < 0n ? 0n : lowest), bytes, bytes, at) as Row | undefined
        if (row) return { holder: row.held ? holderOf(row) : null, expiresMs: row.expires_ms }
      }
      return undefined
    },
    reading: (read) => db.transaction(read).deferred(),
    put: db.transaction((network: Network, registry: Registry) => {
      deleteNoneWithin.run(toBytes(network.start), toBytes(network.end))
      write(network, 1, registry, network)
      pruneSometimes()
    }),
    putNone: db.transaction((address: bigint, registry: Registry) => {
      write({ start: address, end: address }, 0, registry, { name: '', org: '', country: '' })
      pruneSometimes()
    }),
    prune: db.transaction(prune),
    flush(what) {
      const { changes } = db.prepare(what === 'all' ? 'DELETE FROM holder' : 'DELETE FROM holder WHERE held = 0').run()
      readWidths()
      return changes
    },
    count() {
      const rows = countHeld.all() as { held: number; count: number }[]
      const of = (held: number) => rows.find((row) => row.held === held)?.count ?? 0
      return { known: of(1), none: of(0) }
    },
    [Symbol.dispose]: () => void db.close(),
  }
}

const holderOf = (row: Row): AddressHolder => ({
  name: row.name,
  org: row.org,
  startAddress: toText(toValue(row.first)),
  endAddress: toText(toValue(row.last)),
  registry: row.registry,
  country: row.country,
  fetchedMs: row.fetched_ms,
})
