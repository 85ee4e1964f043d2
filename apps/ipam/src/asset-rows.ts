// Rows of the table `asset`: read, written, and what they are to others. One owner: the service's only connection to the file.
import type { Asset, AssetKey } from '@netbehave/schema'
import type { Database } from '@netbehave/sqlite'
import { ipText } from './asset-key.ts'
import { isRandomMac } from './vendors.ts'

export interface AssetRow {
  readonly id: number
  readonly site: string
  readonly ip: Uint8Array
  mac: string | null
  vendor: string
  hostname: string
  name: string
  owner: string
  type: string
  note: string
  /** As `joinTags` writes them. */
  tags: string
  first_ms: number
  last_ms: number
  flows: number
  bytes: number
  version: number
  keep: number
}

/** How much an asset is worth keeping when its site is full. */
export const KEEP = { once: 0, regular: 1, edited: 2 } as const

export type NewAsset = Pick<AssetRow, 'site' | 'ip' | 'first_ms' | 'last_ms'>

export interface AssetRows {
  get(site: string, ip: Uint8Array): AssetRow | undefined
  byId(id: number): AssetRow | undefined
  /** Sites that have the address, three at most. */
  sitesOf(ip: Uint8Array): string[]
  label(site: string, ip: Uint8Array): { name: string; hostname: string } | undefined
  insert(asset: NewAsset): AssetRow
  /** Everything of a row, `search` with it. */
  write(row: AssetRow): void
  /** Times, flows, bytes and `keep` only. */
  touch(row: AssetRow): void
  remove(id: number): void
}

export const COLUMNS =
  'id, site, ip, mac, vendor, hostname, name, owner, type, note, tags, first_ms, last_ms, flows, bytes, version, keep'

export function createAssetRows(db: Database): AssetRows {
  const get = db.prepare<[string, Uint8Array], AssetRow>(`SELECT ${COLUMNS} FROM asset WHERE site = ? AND ip = ?`)
  const byId = db.prepare<[number], AssetRow>(`SELECT ${COLUMNS} FROM asset WHERE id = ?`)
  const sitesOf = db.prepare<[Uint8Array], string>('SELECT site FROM asset WHERE ip = ? ORDER BY site LIMIT 3').pluck()
  const label = db.prepare<[string, Uint8Array], { name: string; hostname: string }>(
    'SELECT name, hostname FROM asset WHERE site = ? AND ip = ?',
  )
  const insert = db.prepare<[string, Uint8Array, number, number]>(
    'INSERT INTO asset (site, ip, first_ms, last_ms) VALUES (?, ?, ?, ?)',
  )
  const touch = db.prepare<[number, number, number, number, number, number]>(
    'UPDATE asset SET first_ms = ?, last_ms = ?, flows = ?, bytes = ?, keep = ? WHERE id = ?',
  )
  const write = db.prepare<[AssetRow & { search: string }]>(
    `UPDATE asset SET mac = @mac, vendor = @vendor, hostname = @hostname, name = @name, owner = @owner, type = @type, note = @note,
       tags = @tags, first_ms = @first_ms, last_ms = @last_ms, flows = @flows, bytes = @bytes, version = @version, keep = @keep,
       search = @search
     WHERE id = @id`,
  )
  const remove = db.prepare<[number]>('DELETE FROM asset WHERE id = ?')
  return {
    get: (site, ip) => get.get(site, ip),
    byId: (id) => byId.get(id),
    sitesOf: (ip) => sitesOf.all(ip),
    label: (site, ip) => label.get(site, ip),
    insert(asset) {
      const { lastInsertRowid } = insert.run(asset.site, asset.ip, asset.first_ms, asset.last_ms)
      return { ...EMPTY, ...asset, id: Number(lastInsertRowid) }
    },
    write: (row) => void write.run({ ...row, search: searchText(row) }),
    touch: (row) => void touch.run(row.first_ms, row.last_ms, row.flows, row.bytes, row.keep, row.id),
    remove: (id) => void remove.run(id),
  }
}

const EMPTY = {
  mac: null,
  vendor: '',
  hostname: '',
  name: '',
  owner: '',
  type: '',
  note: '',
  tags: '',
  flows: 0,
  bytes: 0,
  version: 0,
  keep: KEEP.once,
}

/** What a search looks through; `fold` is how both sides are written. */
const searchText = (row: AssetRow): string =>
  fold(
    [ipText(row.ip), row.mac ?? '', row.vendor, row.hostname, row.name, row.owner, row.type, row.note, row.tags].join(
      '\n',
    ),
  )

export const fold = (text: string): string => text.toLowerCase()

export function toAsset(row: AssetRow, nowMs: number, activeMs: number): Asset {
  return {
    ip: ipText(row.ip),
    site: row.site,
    mac: row.mac,
    macRandom: row.mac !== null && isRandomMac(row.mac),
    vendor: row.vendor,
    hostname: row.hostname,
    name: row.name,
    owner: row.owner,
    type: row.type,
    note: row.note,
    tags: splitTags(row.tags),
    firstMs: row.first_ms,
    lastMs: row.last_ms,
    active: nowMs - row.last_ms < activeMs,
  }
}

export const keyOf = (row: Pick<AssetRow, 'site' | 'ip'>): AssetKey => ({ site: row.site, ip: ipText(row.ip) })

/** Tags have no line ends. Each stands between two, so that one can be searched for as a whole. */
export const joinTags = (tags: readonly string[]): string => (tags.length === 0 ? '' : `\n${tags.join('\n')}\n`)
export const splitTags = (tags: string): string[] => (tags === '' ? [] : tags.slice(1, -1).split('\n'))
