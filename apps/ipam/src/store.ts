// The database of assets: opened, and everything that works on its rows put together around one connection.
import { join } from 'node:path'
import type { AssetEvent } from '@netbehave/schema'
import { openDatabase, type SetAside } from '@netbehave/sqlite'
import { type AssetRow, type AssetRows, createAssetRows, toAsset } from './asset-rows.ts'
import type { IpamConfig } from './config.ts'
import { createMacs, type Macs } from './macs.ts'
import type { IpamCounters } from './metrics.ts'
import { createOrigins, type Origins } from './origins.ts'
import { createOutbox, type Outbox } from './outbox.ts'
import { createPorts, type Ports } from './ports.ts'
import { createRoom, type Room } from './room.ts'
import { openVendors, type Vendors } from './vendors.ts'

export interface StoreOptions {
  readonly path: string
  readonly settings: IpamConfig
  readonly counters: IpamCounters
  readonly onSetAside?: (setAside: SetAside) => void
}

export interface Store extends Disposable {
  readonly db: ReturnType<typeof openDatabase>
  readonly rows: AssetRows
  readonly macs: Macs
  readonly ports: Ports
  readonly origins: Origins
  readonly room: Room
  readonly outbox: Outbox
  readonly vendors: Vendors
  readonly counters: IpamCounters
  readonly activeMs: number
  readonly backAfterMs: number
  /** All of `work` or nothing. */
  transaction<T>(work: () => T): T
  /** Writes an event of what the row is now; within a transaction. */
  tell(change: AssetEvent['change'], row: AssetRow, nowMs: number, more?: EventMore): void
}

export type EventMore = Partial<Pick<AssetEvent, 'beforeMac' | 'absentMs' | 'peers'>>

const DAY_MS = 86_400_000
const MIGRATIONS = join(import.meta.dirname, 'migrations')

/** Throws NewerDatabaseError, or SQLite's error; a damaged file is set aside. */
export function openStore({ path, settings, counters, onSetAside }: StoreOptions): Store {
  const db = openDatabase(path, MIGRATIONS, onSetAside === undefined ? {} : { onSetAside })
  const activeMs = settings.activeDays * DAY_MS
  const backAfterMs = settings.backAfterDays * DAY_MS
  const rows = createAssetRows(db)
  const vendors = openVendors()
  const macSettings = { routerMacAddresses: settings.routerMacAddresses, backAfterMs }
  const macs = createMacs(db, rows, vendors, macSettings, counters)
  const ports = createPorts(db, counters)
  const origins = createOrigins(db)
  const room = createRoom(db, settings, counters)
  const outbox = createOutbox(db, settings.maxEvents)
  return {
    ...{ db, rows, macs, ports, origins, room, outbox, vendors, counters, activeMs, backAfterMs },
    transaction(work) {
      try {
        return db.transaction(work).immediate()
      } catch (error) {
        room.recount()
        outbox.recount()
        throw error
      }
    },
    tell(change, row, nowMs, { beforeMac = null, absentMs = null, peers = [] } = {}) {
      counters.events++
      outbox.add({ change, atMs: nowMs, asset: toAsset(row, nowMs, activeMs), beforeMac, absentMs, peers })
    },
    [Symbol.dispose]: () => void db.close(),
  }
}
