// MAC addresses of assets. A flow that crossed a router carries the router's MAC, so a MAC that many addresses have is nobody's but the
// router's: it says nothing of the assets behind it. In: a sighting's MAC. Out: what it means for the asset.
import { type AssetDetail, MAX_MACS } from '@netbehave/schema'
import type { Database } from '@netbehave/sqlite'
import { familyOf } from './asset-key.ts'
import type { AssetRow, AssetRows } from './asset-rows.ts'
import type { IpamCounters } from './metrics.ts'
import { isRandomMac, type Vendors } from './vendors.ts'

/**
 * - `same`: what is known, or nothing that counts (a router's, no device's, older than what is known)
 * - `learned`: the asset had none · `changed`: another one, that it did not have lately · `returned`: one that it had lately
 */
export type MacVerdict = 'same' | 'learned' | 'changed' | 'returned'

export interface Macs {
  /** Remembers the MAC and puts it on the row (not written), vendor with it. */
  see(row: AssetRow, mac: string, firstMs: number, lastMs: number, nowMs: number): MacVerdict
  of(row: AssetRow): AssetDetail['macs']
  /** Looks which routers' MACs still have many addresses, and forgets those that had few for long. */
  tidy(nowMs: number): void
}

export interface MacSettings {
  /** More IPv4 addresses than these with one MAC within a day: a router's. */
  readonly routerMacAddresses: number
  /** A MAC that was not seen for so long is told as another one. */
  readonly backAfterMs: number
}

const DAY_MS = 86_400_000
/** One device has several IPv6 addresses, and makes up new ones every day (RFC 8981). */
const IPV6_FACTOR = 4
/** MACs of routers that are remembered for a site; those that had many addresses longest ago go. */
const MAX_ROUTERS = 1024
/** After so long with few addresses a MAC is a device's again. */
const ROUTER_MS = 30 * DAY_MS
/** Enrichers report side by side, so a sighting may be so much older than one that came before. */
const DISORDER_MS = 10 * 60_000

interface HistoryRow {
  first_ms: number
  last_ms: number
}

export function createMacs(
  db: Database,
  rows: AssetRows,
  vendors: Vendors,
  settings: MacSettings,
  counters: IpamCounters,
): Macs {
  const history = db.prepare<[number, string], HistoryRow>(
    'SELECT first_ms, last_ms FROM mac_history WHERE asset = ? AND mac = ?',
  )
  const remember = db.prepare<[number, string, string, number, number, number]>(
    `INSERT INTO mac_history (asset, mac, site, family, first_ms, last_ms) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET first_ms = min(first_ms, excluded.first_ms), last_ms = max(last_ms, excluded.last_ms)`,
  )
  const prune = db.prepare<[{ asset: number }]>(
    `DELETE FROM mac_history WHERE asset = @asset AND mac IN
       (SELECT mac FROM mac_history WHERE asset = @asset ORDER BY last_ms DESC LIMIT -1 OFFSET ${MAX_MACS})`,
  )
  const all = db.prepare<[number], HistoryRow & { mac: string; router: number }>(
    `SELECT h.mac, h.first_ms, h.last_ms, r.mac IS NOT NULL AS router
     FROM mac_history h LEFT JOIN router_mac r ON r.site = h.site AND r.mac = h.mac
     WHERE h.asset = ? ORDER BY h.last_ms DESC, h.mac LIMIT ${MAX_MACS}`,
  )
  const addressesOf = db
    .prepare<[string, string, number, number, number], number>(
      `SELECT count(*) FROM
         (SELECT 1 FROM mac_history WHERE site = ? AND mac = ? AND family = ? AND last_ms > ? LIMIT ?)`,
    )
    .pluck()
  const holders = db
    .prepare<[string, string], number>('SELECT asset FROM mac_history WHERE site = ? AND mac = ?')
    .pluck()
  const isRouter = db.prepare<[string, string], 1>('SELECT 1 FROM router_mac WHERE site = ? AND mac = ?').pluck()
  const keepRouter = db.prepare<[string, string, number]>('INSERT OR REPLACE INTO router_mac VALUES (?, ?, ?)')
  const pruneRouters = db.prepare<[{ site: string }]>(
    `DELETE FROM router_mac WHERE site = @site AND mac IN
       (SELECT mac FROM router_mac WHERE site = @site ORDER BY seen_ms DESC LIMIT -1 OFFSET ${MAX_ROUTERS})`,
  )
  const routers = db.prepare<[], { site: string; mac: string }>('SELECT site, mac FROM router_mac')
  const forgetRouters = db.prepare<[number]>('DELETE FROM router_mac WHERE seen_ms < ?')

  /** Has the MAC more addresses within the day before `atMs` than one device has? */
  function hasMany(site: string, mac: string, family: number, atMs: number): boolean {
    const most = settings.routerMacAddresses * (family === 6 ? IPV6_FACTOR : 1)
    return addressesOf.get(site, mac, family, atMs - DAY_MS, most + 1)! > most
  }

  /** From now on the MAC is a router's, and those that had it have none. */
  function markRouter(site: string, mac: string, nowMs: number): void {
    keepRouter.run(site, mac, nowMs)
    pruneRouters.run({ site })
    counters.routerMacs++
    for (const id of holders.all(site, mac)) {
      const holder = rows.byId(id)
      if (holder?.mac === mac) rows.write(takeMac(holder, null))
    }
  }

  function takeMac(row: AssetRow, mac: string | null): AssetRow {
    row.mac = mac
    row.vendor = mac === null ? '' : vendors.of(mac)
    return row
  }

  return {
    see(row, mac, firstMs, lastMs, nowMs) {
      if (isNobody(mac)) {
        counters.macsIgnored++
        return 'same'
      }
      const before = history.get(row.id, mac)
      const family = familyOf(row.ip)
      remember.run(row.id, mac, row.site, family, firstMs, lastMs)
      if (before === undefined) counters.macsGone += prune.run({ asset: row.id }).changes
      if (isRouter.get(row.site, mac) !== undefined) return 'same'
      if ((before === undefined || lastMs - before.last_ms >= DAY_MS) && hasMany(row.site, mac, family, lastMs)) {
        markRouter(row.site, mac, nowMs)
        if (row.mac === mac) takeMac(row, null)
        return 'same'
      }
      if (row.mac === mac || lastMs < row.last_ms - DISORDER_MS) return 'same'
      const had = row.mac
      takeMac(row, mac)
      if (had === null) return 'learned'
      return before === undefined || lastMs - before.last_ms >= settings.backAfterMs ? 'changed' : 'returned'
    },
    of: (row) =>
      all.all(row.id).map(({ mac, router, first_ms: firstMs, last_ms: lastMs }) => ({
        mac,
        random: isRandomMac(mac),
        vendor: vendors.of(mac),
        router: router === 1,
        firstMs,
        lastMs,
      })),
    tidy(nowMs) {
      for (const { site, mac } of routers.all()) {
        if (hasMany(site, mac, 4, nowMs) || hasMany(site, mac, 6, nowMs)) keepRouter.run(site, mac, nowMs)
      }
      forgetRouters.run(nowMs - ROUTER_MS)
    },
  }
}

/** All zero, or a group's (bit 0 of the first byte, IEEE 802): no device's own. */
const isNobody = (mac: string): boolean =>
  mac === '00:00:00:00:00:00' || (Number.parseInt(mac.slice(0, 2), 16) & 1) !== 0
