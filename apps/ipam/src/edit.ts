// Step edit: what people say of assets: edit, forget, import. What a person set is locked: what is seen later does not change it.
import { RequestFault } from '@netbehave/broker'
import {
  ASSET_FIELDS,
  type AssetEdit,
  type AssetField,
  type AssetImport,
  type AssetKey,
  assetLabel,
  type FieldSource,
  type IpamEditRequest,
} from '@netbehave/schema'
import { ipBytes, refusalOf } from './asset-key.ts'
import { type AssetRow, joinTags, KEEP } from './asset-rows.ts'
import type { Store } from './store.ts'
import type { Turn } from './turns.ts'

export interface Edit {
  /** Throws RequestFault 404, 409, 503. */
  edit(request: IpamEditRequest, nowMs: number): AssetRow
  forget(assets: readonly AssetKey[], nowMs: number): Promise<{ forgotten: number }>
  importAssets(assets: readonly AssetImport[], nowMs: number): Promise<ImportReply>
}

export interface ImportReply {
  added: number
  changed: number
  same: number
  refused: { index: number; reason: string }[]
}

/** Who sets fields: what becomes locked, of those that change and of those that have the value already. */
interface Author {
  readonly source: FieldSource
  readonly locks: (field: AssetField) => boolean
  readonly locksSame: (field: AssetField) => boolean
}
const PERSON: Author = { source: 'person', locks: () => true, locksSame: () => true }

const ASSETS_IN_TRANSACTION = 32

export function createEdit(store: Store, turn: Turn): Edit {
  const { rows, origins, room, outbox, counters } = store

  /** Puts the values on the row (not written). Did any change, or who says so? */
  function setFields(row: AssetRow, set: AssetEdit, by: Author, nowMs: number): boolean {
    return (
      ASSET_FIELDS.filter((field) => {
        const value = storedAs(set, field)
        return value !== undefined && setField(row, field, value, by, nowMs)
      }).length > 0
    )
  }

  function setField(row: AssetRow, field: AssetField, value: string, by: Author, nowMs: number): boolean {
    if (row[field] === value) {
      if (value === '' || !by.locksSame(field) || origins.get(row.id, field)?.locked) return false
      origins.set(row.id, { field, source: by.source, locked: true, atMs: nowMs })
      return true
    }
    row[field] = value
    if (value === '') origins.remove(row.id, field)
    else origins.set(row.id, { field, source: by.source, locked: by.locks(field), atMs: nowMs })
    return true
  }

  function finish(row: AssetRow): void {
    row.version++
    if (origins.isEdited(row.id)) row.keep = KEEP.edited
    else if (row.keep === KEEP.edited) row.keep = KEEP.regular
    rows.write(row)
  }

  function needRoom(): void {
    if (!outbox.hasRoom) throw new RequestFault(503, 'too many events wait for the broker; try again later')
  }

  function importOne(asset: AssetImport, nowMs: number): 'added' | 'changed' | 'same' | string {
    const ip = ipBytes(asset.ip)
    const refusal = refusalOf(ip)
    if (refusal !== undefined) return `${asset.ip} is no address of a device (${refusal})`
    if (!outbox.hasRoom) return 'too many events wait for the broker; try again later'
    const known = rows.get(asset.site, ip)
    if (known === undefined && !room.take(asset.site)) return `there is no room for another asset at ${asset.site}`
    const lastMs = Math.min(asset.lastMs ?? asset.firstMs ?? nowMs, nowMs)
    const firstMs = Math.min(asset.firstMs ?? lastMs, lastMs)
    const row = known ?? rows.insert({ site: asset.site, ip, first_ms: firstMs, last_ms: lastMs })
    const before = { label: assetLabel(row), mac: row.mac, firstMs: row.first_ms, lastMs: row.last_ms }
    if (asset.firstMs !== undefined) row.first_ms = Math.min(row.first_ms, firstMs)
    if (asset.lastMs !== undefined) row.last_ms = Math.max(row.last_ms, lastMs)
    if (asset.mac && row.mac === null) store.macs.see(row, asset.mac, firstMs, lastMs, nowMs)
    const by: Author = {
      source: 'import',
      locks: (field) => asset.locked?.includes(field) ?? true,
      locksSame: (field) => asset.locked?.includes(field) ?? false,
    }
    const isSet = setFields(row, asset, by, nowMs)
    const isOther = isSet || row.mac !== before.mac || row.first_ms !== before.firstMs || row.last_ms !== before.lastMs
    if (known !== undefined && !isOther) return 'same'
    finish(row)
    if (assetLabel(row) !== before.label) store.tell('edited', row, nowMs)
    return known === undefined ? 'added' : 'changed'
  }

  return {
    edit({ site, ip, version, set, unlock }, nowMs) {
      return store.transaction(() => {
        const row = rows.get(site, ipBytes(ip))
        if (row === undefined) throw new RequestFault(404, `${ip} is no asset at ${site}`)
        if (version !== undefined && version !== row.version) {
          const why = `${ip} was changed meanwhile: it is at version ${row.version}, not ${version}; read it again`
          throw new RequestFault(409, why)
        }
        needRoom()
        const isSet = setFields(row, set, PERSON, nowMs)
        const unlocked = unlock.filter((field) => {
          const origin = origins.get(row.id, field)
          if (!origin?.locked) return false
          origins.set(row.id, { ...origin, locked: false })
          return true
        })
        if (!isSet && unlocked.length === 0) return row
        finish(row)
        counters.edits++
        store.tell('edited', row, nowMs)
        return row
      })
    },

    async forget(assets, nowMs) {
      let forgotten = 0
      for (const piece of pieces(assets)) {
        await turn()
        forgotten += store.transaction(() => {
          needRoom()
          return piece.filter(({ site, ip }) => {
            const row = rows.get(site, ipBytes(ip))
            if (row === undefined) return false
            rows.remove(row.id)
            room.free(site)
            store.tell('forgotten', row, nowMs)
            return true
          }).length
        })
      }
      counters.forgotten += forgotten
      return { forgotten }
    },

    async importAssets(assets, nowMs) {
      const reply: ImportReply = { added: 0, changed: 0, same: 0, refused: [] }
      let at = 0
      for (const piece of pieces(assets)) {
        await turn()
        const verdicts = store.transaction(() => piece.map((asset) => importOne(asset, nowMs)))
        for (const verdict of verdicts) {
          if (verdict === 'added' || verdict === 'changed' || verdict === 'same') reply[verdict]++
          else reply.refused.push({ index: at, reason: verdict })
          at++
        }
      }
      counters.imported += reply.added + reply.changed
      return reply
    },
  }
}

function* pieces<T>(all: readonly T[]): Generator<T[]> {
  for (let at = 0; at < all.length; at += ASSETS_IN_TRANSACTION) yield all.slice(at, at + ASSETS_IN_TRANSACTION)
}

/** As the row holds it; tags each once. */
function storedAs(set: AssetEdit, field: AssetField): string | undefined {
  if (field !== 'tags') return set[field]?.trim()
  const tags = set.tags?.map((tag) => tag.trim()).filter((tag) => tag !== '')
  return tags && joinTags([...new Set(tags)])
}
