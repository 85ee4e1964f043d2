// Events that the broker has not acknowledged: written in the transaction that changes the asset, so that neither is there without the
// other; removed when the stream has them. An event keeps its id, so that telling it twice stores it once.
import { randomBytes } from 'node:crypto'
import type { AssetEvent } from '@netbehave/schema'
import type { Database } from '@netbehave/sqlite'

/** An event without its id, which is the outbox's. */
export type NewEvent = Omit<AssetEvent, 'id'>

export interface WaitingEvent {
  readonly sequence: number
  readonly id: string
  readonly change: AssetEvent['change']
  /** AssetEvent as JSON. */
  readonly json: string
}

export interface Outbox {
  /** Within the caller's transaction. */
  add(event: NewEvent): void
  /** Is there room for what one asset can raise at once? */
  readonly hasRoom: boolean
  readonly waiting: number
  readonly oldestMs: number | null
  /** The oldest, at most so many, and at most one of each asset: what is sent together arrives in any order. */
  take(most: number): WaitingEvent[]
  remove(sequences: readonly number[]): void
  /** After a transaction that was rolled back. */
  recount(): void
}

/** "Back" and "other MAC". */
const EVENTS_AT_ONCE = 2

export function createOutbox(db: Database, maxEvents: number): Outbox {
  /** Not the row's number: after a power failure the last rows may be gone, and their numbers given again to others. */
  const start = randomBytes(6).toString('hex')
  let added = 0
  const add = db.prepare<[string, string, string, string]>(
    'INSERT INTO outbox (id, asset, change, event) VALUES (?, ?, ?, ?)',
  )
  const take = db.prepare<[number], Omit<WaitingEvent, 'json'> & { asset: string; event: string }>(
    'SELECT sequence, id, asset, change, event FROM outbox ORDER BY sequence LIMIT ?',
  )
  const oldest = db.prepare<[], string>('SELECT event FROM outbox ORDER BY sequence LIMIT 1').pluck()
  const remove = db.prepare<[number]>('DELETE FROM outbox WHERE sequence = ?')
  const count = db.prepare<[], number>('SELECT count(*) FROM outbox').pluck()
  const removeAll = db.transaction((sequences: readonly number[]) =>
    sequences.reduce((sum, sequence) => sum + remove.run(sequence).changes, 0),
  )
  let waiting = count.get()!
  return {
    add(event) {
      const id = `asset-${start}-${++added}`
      add.run(id, `${event.asset.site} ${event.asset.ip}`, event.change, JSON.stringify(event))
      waiting++
    },
    get hasRoom() {
      return waiting + EVENTS_AT_ONCE <= maxEvents
    },
    get waiting() {
      return waiting
    },
    get oldestMs() {
      const event = oldest.get()
      return event === undefined ? null : (JSON.parse(event) as NewEvent).atMs
    },
    take(most) {
      const assets = new Set<string>()
      const events: WaitingEvent[] = []
      for (const { sequence, id, asset, change, event } of take.all(most)) {
        if (assets.has(asset)) break
        assets.add(asset)
        events.push({ sequence, id, change, json: `{"id":${JSON.stringify(id)},${event.slice(1)}` })
      }
      return events
    },
    remove(sequences) {
      waiting -= removeAll(sequences)
    },
    recount() {
      waiting = count.get()!
    },
  }
}
