// Questions about what is stored. In: requests of dns.ro. Out: their replies. Reads only.

import { RequestFault } from '@netbehave/broker'
import {
  type DnsForwardReply,
  type DnsForwardRequest,
  type DnsLease,
  type DnsListReply,
  type DnsListRequest,
  type DnsReverseReply,
  type DnsReverseRequest,
  type DnsRun,
  type DnsRunsReply,
  type DnsRunsRequest,
  MAX_ENTRIES,
  MAX_FORWARD,
  MAX_RUNS,
} from '@netbehave/schema'
import type { Database } from '@netbehave/sqlite'
import type { z } from 'zod'
import { type AnswerRow, COLUMNS, type QueryRow, toQuery, toRun } from './rows.ts'
import type { RunCache } from './run-cache.ts'

type Lookup = z.output<typeof DnsReverseRequest>['lookups'][number]
type Answer = z.input<typeof DnsReverseReply>['answers'][number]

/** Runs of all addresses in one reply: the broker carries messages of 1 MB. */
const MAX_REPLY_RUNS = 4096
/** Rows that a search for a part of a name looks at before it gives the page as it is. */
const MAX_SCANNED = 200_000

export interface LookUp {
  reverse(request: z.output<typeof DnsReverseRequest>): z.input<typeof DnsReverseReply>
  runs(request: z.output<typeof DnsRunsRequest>): Pick<z.input<typeof DnsRunsReply>, 'runs'>
  forward(request: z.output<typeof DnsForwardRequest>): z.input<typeof DnsForwardReply>
  list(request: z.output<typeof DnsListRequest>): z.input<typeof DnsListReply>
  leases(sinceMs: number): DnsLease[]
  span(): { oldestMs: number | null; newestMs: number | null }
}

export function createLookUp(db: Database, cache: RunCache): LookUp {
  const at = `SELECT ${COLUMNS} FROM answer WHERE address = $address AND first_ms <= $atMs AND`
  const order = 'ORDER BY first_ms DESC, id DESC LIMIT 1'
  type At = { address: string; atMs: number; site: string | null; client?: string }
  const ofClient = db.prepare<At, AnswerRow>(`${at} client = $client AND ($site IS NULL OR site = $site) ${order}`)
  const ofServer = db.prepare<At, AnswerRow>(`${at} source <> 'dns' AND ($site IS NULL OR site = $site) ${order}`)
  const ofOthers = db.prepare<At, AnswerRow>(`${at} source = 'dns' ${order}`)
  const all = db.prepare<[string, string, number], AnswerRow>(
    `SELECT ${COLUMNS} FROM answer WHERE address = ? AND (site = ? OR source = 'dns') ORDER BY first_ms DESC, id DESC LIMIT ?`,
  )
  type Named = { name: string; site: string | null; client: string | null }
  const byName = db.prepare<Named, AnswerRow>(
    `SELECT ${COLUMNS} FROM answer WHERE name = $name AND ($site IS NULL OR site = $site) AND ($client IS NULL OR client = $client)
     ORDER BY last_ms DESC, id DESC LIMIT ${MAX_FORWARD}`,
  )

  function reverseOne({ address, client, site, atMs }: Lookup): Answer {
    const time = atMs ?? Number.MAX_SAFE_INTEGER
    const spot: At = { address, atMs: time, site: site ?? null }
    if (client !== undefined) {
      const kept = site === undefined ? undefined : cache.get(site, client, address)
      if (kept && kept.firstMs <= time) return answerOf(kept, 'client')
      const own = ofClient.get({ ...spot, client })
      if (own) return answerOf(toRun(own), 'client')
    }
    const local = ofServer.get(spot)
    if (local) return answerOf(toRun(local), 'local')
    const other = ofOthers.get(spot)
    if (!other) return null
    const run = toRun(other)
    // Who asked elsewhere is no other site's business.
    return answerOf(site === undefined || run.site === site ? run : { ...run, client: null }, 'other')
  }

  return {
    reverse: ({ lookups }) => ({ answers: lookups.map(reverseOne) }),

    runs({ site, addresses }) {
      let left = MAX_REPLY_RUNS
      const runs = addresses.map((address, i): DnsRun[] | null => {
        if (left <= 0) return null
        const rows = all.all(address, site, MAX_RUNS)
        // The first one is given in any case, so that asking again gets on.
        if (rows.length > left && i > 0) {
          left = 0
          return null
        }
        left -= rows.length
        return rows.reverse().map(({ site: rowSite, client, name, source, first_ms, last_ms }) => ({
          ...{ client: rowSite === site ? client : null, name, source: source as DnsRun['source'] },
          ...{ firstMs: first_ms, lastMs: last_ms },
        }))
      })
      return { runs }
    },

    forward: ({ name, site, client }) => ({
      answers: byName
        .all({ name: name.toLowerCase(), site: site ?? null, client: client ?? null })
        .map((row) => withoutId(toRun(row))),
    }),

    list(request) {
      const { sql, values } = listQuery(request)
      const rows: QueryRow[] = []
      let scanned = 0
      let last: QueryRow | undefined
      let isMore = false
      for (const row of db.prepare<unknown[], QueryRow>(sql).iterate(...values)) {
        if (rows.length === request.limit || scanned === MAX_SCANNED) {
          isMore = true
          break
        }
        scanned++
        last = row
        if (request.part === undefined || row.name.includes(request.part.toLowerCase())) rows.push(row)
      }
      return { queries: rows.map(toQuery), next: isMore && last ? `${last.last_ms}.${last.id}` : null }
    },

    leases: (sinceMs) =>
      db
        .prepare<[number, number], DnsLease>(
          'SELECT site, address, mac, hostname, last_ms AS lastMs FROM lease WHERE last_ms > ? ORDER BY last_ms LIMIT ?',
        )
        .all(sinceMs, MAX_ENTRIES),

    span: () =>
      db.prepare('SELECT min(last_ms) AS oldestMs, max(last_ms) AS newestMs FROM answer').get() as {
        oldestMs: number | null
        newestMs: number | null
      },
  }
}

function withoutId<Run extends { id: number }>({ id: _, ...run }: Run): Omit<Run, 'id'> {
  return run
}

const answerOf = (
  run: Parameters<typeof withoutId>[0] & Omit<NonNullable<Answer>, 'how'>,
  how: NonNullable<Answer>['how'],
): Answer => {
  const { id: _, ...rest } = run
  return { ...rest, how }
}

/** Newest first; `after` is the last row of the page before. Throws RequestFault. */
function listQuery(request: z.output<typeof DnsListRequest>): { sql: string; values: unknown[] } {
  const conditions: string[] = []
  const values: unknown[] = []
  const where = (condition: string, ...of: unknown[]) => {
    conditions.push(condition)
    values.push(...of)
  }
  const { site, client, name, result, fromMs, toMs, after } = request
  if (site !== undefined) where('site = ?', site)
  if (client !== undefined) where('client = ?', client)
  if (name !== undefined) where('name = ?', name.toLowerCase())
  if (result !== undefined) where('result = ?', result)
  if (fromMs !== undefined) where('last_ms >= ?', fromMs)
  if (toMs !== undefined) where('first_ms < ?', toMs)
  if (after !== undefined) {
    const found = /^(\d{1,16})\.(\d{1,16})$/.exec(after)
    if (!found) throw new RequestFault(400, 'after: is not the `next` of a page')
    where('(last_ms, id) < (?, ?)', Number(found[1]), Number(found[2]))
  }
  const filter = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''
  return { sql: `SELECT * FROM query ${filter} ORDER BY last_ms DESC, id DESC`, values }
}
