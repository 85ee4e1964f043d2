// Ports that an asset served or used, the last so many of each.
import { type AssetDetail, type ListedAsset, MAX_LISTED_PORTS, MAX_PORTS, type Sighting } from '@netbehave/schema'
import type { Database } from '@netbehave/sqlite'
import type { IpamCounters } from './metrics.ts'

export interface Ports {
  see(asset: number, ports: Sighting['ports'], firstMs: number, lastMs: number): void
  of(asset: number): AssetDetail['ports']
  /** What a row of the list names. */
  listed(asset: number): ListedAsset['served']
}

/** Served and used are counted apart: what a scan of a device makes it use must not push out what it serves. */
const MAX_PORTS_PER_SIDE = MAX_PORTS / 2

export function createPorts(db: Database, counters: IpamCounters): Ports {
  const see = db.prepare<[number, string, number, number, number, number, number]>(
    `INSERT INTO port (asset, side, protocol, port, first_ms, last_ms, hits) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET first_ms = min(first_ms, excluded.first_ms), last_ms = max(last_ms, excluded.last_ms),
       hits = min(hits + excluded.hits, ${Number.MAX_SAFE_INTEGER})`,
  )
  const countOf = db.prepare<[number, string], number>('SELECT count(*) FROM port WHERE asset = ? AND side = ?').pluck()
  const prune = db.prepare<[{ asset: number; side: string }]>(
    `DELETE FROM port WHERE asset = @asset AND side = @side AND (protocol, port) IN
       (SELECT protocol, port FROM port WHERE asset = @asset AND side = @side
        ORDER BY last_ms DESC, hits DESC LIMIT -1 OFFSET ${MAX_PORTS_PER_SIDE})`,
  )
  const all = db.prepare<[number], AssetDetail['ports'][number]>(
    `SELECT protocol, port, side, first_ms AS firstMs, last_ms AS lastMs, hits FROM port WHERE asset = ?
     ORDER BY side, hits DESC, protocol, port LIMIT ${MAX_PORTS}`,
  )
  const listed = db.prepare<[number], ListedAsset['served'][number]>(
    `SELECT protocol, port FROM port WHERE asset = ? AND side = 'served'
     ORDER BY hits DESC, protocol, port LIMIT ${MAX_LISTED_PORTS}`,
  )
  return {
    see(asset, ports, firstMs, lastMs) {
      const sides = new Set<string>()
      for (const { side, protocol, port, hits } of ports) {
        see.run(asset, side, protocol, port, firstMs, lastMs, hits)
        sides.add(side)
      }
      for (const side of sides) {
        if (countOf.get(asset, side)! > MAX_PORTS_PER_SIDE) counters.portsGone += prune.run({ asset, side }).changes
      }
    },
    of: (asset) => all.all(asset),
    listed: (asset) => listed.all(asset),
  }
}
