// Step look: what is asked of assets. Long looks go in pieces with turns between them; replies stay below what a message may hold.
import { RequestFault } from '@netbehave/broker'
import {
  type AssetDetail,
  type AssetKey,
  type AssetListRequest,
  type AssetRecord,
  assetLabel,
  type IpamInfoReply,
  type ListedAsset,
} from '@netbehave/schema'
import { ipBytes } from './asset-key.ts'
import { type AssetRow, COLUMNS, fold, keyOf, toAsset } from './asset-rows.ts'
import type { Store } from './store.ts'
import type { Turn } from './turns.ts'

export interface Look {
  labels(site: string, addresses: readonly string[]): (string | null)[]
  list(request: AssetListRequest, nowMs: number): Promise<{ assets: ListedAsset[]; next: AssetKey | null }>
  /** Throws RequestFault 404, or 409 when several sites have the address and none is named. */
  get(ip: string, site: string | undefined, nowMs: number): AssetDetail
  detail(row: AssetRow, nowMs: number): AssetDetail
  export(
    request: Pick<AssetListRequest, 'site' | 'after' | 'limit'>,
    nowMs: number,
  ): Promise<{ assets: AssetRecord[]; next: AssetKey | null }>
  info(nowMs: number, maxAssetsPerSite: number): Promise<IpamInfoReply>
}

/** Rows that one piece looks through. */
const ROWS_IN_PIECE = 2048
/** A page ends there; with one asset more, of 14 KB at most, it is far below the broker's 1 MB. */
const PAGE_BYTES = 400_000
const MAX_SITES = 1024

interface Place {
  readonly site: string
  readonly ip: Uint8Array
}
const START: Place = { site: '', ip: new Uint8Array() }

export function createLook(store: Store, turn: Turn): Look {
  const { db, rows, macs, ports, origins, room, activeMs } = store
  // Row values, so that both use the index of (site, ip).
  const endOfPiece = db.prepare<[string, Uint8Array, string, number], Place>(
    `SELECT site, ip FROM asset WHERE (site, ip) > (?, ?) AND site <= ? ORDER BY site, ip LIMIT 1 OFFSET ?`,
  )
  const inPiece = db.prepare<[PieceFilter], AssetRow>(
    `SELECT ${COLUMNS} FROM asset
     WHERE (site, ip) > (@site, @ip) AND site <= @lastSite AND (@endSite IS NULL OR (site, ip) <= (@endSite, @endIp))
       AND (@text IS NULL OR instr(search, @text) > 0)
       AND (@tag IS NULL OR instr(tags, @tag) > 0)
       AND (@sinceMs IS NULL OR last_ms > @sinceMs) AND (@untilMs IS NULL OR last_ms <= @untilMs)
     ORDER BY site, ip LIMIT @limit`,
  )
  const countSite = db.prepare<[number, string], { n: number; active: number; edited: number }>(
    `SELECT count(*) AS n, coalesce(sum(last_ms > ?), 0) AS active, coalesce(sum(keep = 2), 0) AS edited
     FROM asset WHERE site = ?`,
  )

  async function page<T>(request: AssetListRequest, nowMs: number, toItem: (row: AssetRow) => T) {
    const items: T[] = []
    let bytes = 0
    let from = beginOf(request)
    for (;;) {
      await turn()
      const end = endOfPiece.get(from.site, from.ip, request.site ?? LAST_SITE, ROWS_IN_PIECE - 1)
      const limit = request.limit + 1 - items.length
      for (const row of inPiece.all(pieceFilter(request, from, end, limit, nowMs - activeMs))) {
        const item = toItem(row)
        if (items.length === request.limit || bytes > PAGE_BYTES) return { items, next: keyOf(from) }
        items.push(item)
        bytes += Buffer.byteLength(JSON.stringify(item))
        from = row
      }
      if (end === undefined) return { items, next: null }
      from = end
    }
  }

  function detail(row: AssetRow, nowMs: number): AssetDetail {
    return {
      ...toAsset(row, nowMs, activeMs),
      version: row.version,
      flows: row.flows,
      bytes: row.bytes,
      origins: origins.of(row.id),
      macs: macs.of(row),
      ports: ports.of(row.id),
    }
  }

  return {
    labels: (site, addresses) =>
      addresses.map((address) => {
        const row = rows.label(site, ipBytes(address))
        return (row && assetLabel(row)) || null
      }),

    async list(request, nowMs) {
      const { items, next } = await page(request, nowMs, (row) => ({
        ...toAsset(row, nowMs, activeMs),
        served: ports.listed(row.id),
      }))
      return { assets: items, next }
    },

    get(ip, site, nowMs) {
      const bytes = ipBytes(ip)
      const sites = site === undefined ? rows.sitesOf(bytes) : [site]
      if (sites.length > 1) throw new RequestFault(409, `${ip} is at several sites (${sites.join(', ')}): say which`)
      const row = sites[0] === undefined ? undefined : rows.get(sites[0], bytes)
      if (row === undefined) throw new RequestFault(404, `${ip} is no asset${site === undefined ? '' : ` at ${site}`}`)
      return detail(row, nowMs)
    },

    detail,

    async export(request, nowMs) {
      const { items, next } = await page(request, nowMs, (row) => ({
        ...toAsset(row, nowMs, activeMs),
        locked: origins.of(row.id).flatMap(({ field, locked }) => (locked ? [field] : [])),
      }))
      return { assets: items, next }
    },

    async info(nowMs, maxAssetsPerSite) {
      const sums = { assets: 0, active: 0, edited: 0 }
      const sites: IpamInfoReply['sites'] = []
      for (const site of room.sites) {
        await turn()
        const { n, active, edited } = countSite.get(nowMs - activeMs, site)!
        sums.assets += n
        sums.active += active
        sums.edited += edited
        if (sites.length < MAX_SITES) sites.push({ site, assets: n, active })
      }
      const sitesLeftOut = room.sites.length - sites.length
      return { ...sums, sites, sitesLeftOut, maxAssetsPerSite, vendorsFrom: store.vendors.date }
    },
  }
}

interface PieceFilter {
  site: string
  ip: Uint8Array
  lastSite: string
  endSite: string | null
  endIp: Uint8Array | null
  text: string | null
  tag: string | null
  sinceMs: number | null
  untilMs: number | null
  limit: number
}

/** After every name of a site: those are ASCII. */
const LAST_SITE = '\u{10ffff}'

/** Where a page begins: after the asset that it names, else before the first of the site, else before all. */
function beginOf({ site, after }: AssetListRequest): Place {
  if (after !== undefined && (site === undefined || after.site === site)) {
    return { site: after.site, ip: ipBytes(after.ip) }
  }
  return site === undefined ? START : { site, ip: START.ip }
}

function pieceFilter(
  { site, text, tag, active }: AssetListRequest,
  from: Place,
  end: Place | undefined,
  limit: number,
  activeSinceMs: number,
): PieceFilter {
  return {
    site: from.site,
    ip: from.ip,
    lastSite: site ?? LAST_SITE,
    endSite: end?.site ?? null,
    endIp: end?.ip ?? null,
    text: text === undefined || text === '' ? null : fold(text),
    tag: tag === undefined ? null : `\n${tag}\n`,
    sinceMs: active === true ? activeSinceMs : null,
    untilMs: active === false ? activeSinceMs : null,
    limit,
  }
}
