// How many assets there are, and who goes when a site is full: never what a person edited; what was seen on one occasion before what comes
// back, and of those what was seen longest ago. So a scan with made-up sources pushes out itself.
import type { Database } from '@netbehave/sqlite'
import { KEEP } from './asset-rows.ts'
import type { IpamCounters } from './metrics.ts'

export interface Room {
  /** Makes room for one more asset and counts it; false: there is none. */
  take(site: string): boolean
  /** One was removed. */
  free(site: string): void
  /** After a transaction that was rolled back. */
  recount(): void
  readonly assets: number
  readonly sites: readonly string[]
}

export interface RoomSettings {
  readonly maxAssetsPerSite: number
  readonly maxSites: number
}

export function createRoom(db: Database, { maxAssetsPerSite, maxSites }: RoomSettings, counters: IpamCounters): Room {
  const counted = db.prepare<[], { site: string; n: number }>('SELECT site, count(*) AS n FROM asset GROUP BY site')
  let counts = count()
  const removeLeast = db.prepare<[string]>(
    `DELETE FROM asset WHERE id =
       (SELECT id FROM asset WHERE site = ? AND keep < ${KEEP.edited} ORDER BY keep, last_ms LIMIT 1)`,
  )
  function count(): Map<string, number> {
    return new Map(counted.all().map(({ site, n }) => [site, n]))
  }

  return {
    take(site) {
      const count = counts.get(site) ?? 0
      if (count === 0 && counts.size >= maxSites) return false
      if (count < maxAssetsPerSite) {
        counts.set(site, count + 1)
        return true
      }
      if (removeLeast.run(site).changes === 0) return false
      counters.evicted++
      return true
    },
    free(site) {
      const count = (counts.get(site) ?? 0) - 1
      if (count > 0) counts.set(site, count)
      else counts.delete(site)
    },
    recount() {
      counts = count()
    },
    get assets() {
      return [...counts.values()].reduce((sum, count) => sum + count, 0)
    },
    get sites() {
      return [...counts.keys()].sort()
    },
  }
}
