// Who said what stands in a field of an asset, and whether what is seen may change it.
import type { AssetField, FieldOrigin, FieldSource } from '@netbehave/schema'
import type { Database } from '@netbehave/sqlite'

export interface Origins {
  get(asset: number, field: AssetField): FieldOrigin | undefined
  of(asset: number): FieldOrigin[]
  set(asset: number, origin: FieldOrigin): void
  remove(asset: number, field: AssetField): void
  /** Did a person, or a file of a person, say anything of it? */
  isEdited(asset: number): boolean
}

interface OriginRow {
  field: AssetField
  source: FieldSource
  locked: number
  at_ms: number
}

export function createOrigins(db: Database): Origins {
  const all = db.prepare<[number], OriginRow>(
    'SELECT field, source, locked, at_ms FROM origin WHERE asset = ? ORDER BY field',
  )
  const get = db.prepare<[number, string], OriginRow>(
    'SELECT field, source, locked, at_ms FROM origin WHERE asset = ? AND field = ?',
  )
  const set = db.prepare<[number, string, string, number, number]>(
    'INSERT OR REPLACE INTO origin VALUES (?, ?, ?, ?, ?)',
  )
  const remove = db.prepare<[number, string]>('DELETE FROM origin WHERE asset = ? AND field = ?')
  const edited = db
    .prepare<[number], number>("SELECT count(*) FROM origin WHERE asset = ? AND source IN ('person', 'import')")
    .pluck()
  return {
    get(asset, field) {
      const row = get.get(asset, field)
      return row === undefined ? undefined : toOrigin(row)
    },
    of: (asset) => all.all(asset).map(toOrigin),
    set: (asset, { field, source, locked, atMs }) => void set.run(asset, field, source, locked ? 1 : 0, atMs),
    remove: (asset, field) => void remove.run(asset, field),
    isEdited: (asset) => edited.get(asset)! > 0,
  }
}

const toOrigin = ({ field, source, locked, at_ms: atMs }: OriginRow): FieldOrigin => ({
  field,
  source,
  locked: locked === 1,
  atMs,
})
