// Step sight: what sightings of enrichers say of assets. In: sightings, in pieces that are one transaction each. Out: assets, and events in
// the outbox. A sighting that could raise an event for which the outbox has no room is put off: the address is seen again.
import { isSubjectToken, type Sighting } from '@netbehave/schema'
import { ipBytes, refusalOf } from './asset-key.ts'
import { type AssetRow, KEEP } from './asset-rows.ts'
import type { Hear } from './hear.ts'
import { countRefusal } from './metrics.ts'
import type { Store } from './store.ts'
import type { Turn } from './turns.ts'

export type Sight = (sightings: readonly Sighting[], nowMs: number) => Promise<{ added: number; refused: number }>

/** Rows that one transaction writes, about: a few ms. */
const ROWS_IN_TRANSACTION = 96
const ROWS_OF_ASSET = 5
/** An asset that is seen so long after it was first seen is no passing one. */
const REGULAR_MS = 3_600_000

type Verdict = 'known' | 'added' | 'refused'

/** `refreshLeases`: awaited before addresses are new, so that what is told of them names the host that has just got its lease. */
export function createSight(
  store: Store,
  hear: Hear,
  turn: Turn,
  refreshLeases: () => Promise<void> = async () => {},
): Sight {
  const { rows, macs, ports, room, outbox, counters, backAfterMs } = store

  function sightOne(sighting: Sighting, nowMs: number): Verdict {
    const ip = ipBytes(sighting.ip)
    const reason = isSubjectToken(sighting.site) ? refusalOf(ip) : 'site'
    if (reason !== undefined) return refuse(reason)
    if (!outbox.hasRoom) return refuse('events')
    const lastMs = Math.min(sighting.lastMs, nowMs)
    const firstMs = Math.min(sighting.firstMs, lastMs)
    const known = rows.get(sighting.site, ip)
    if (known !== undefined) {
      seeAgain(known, sighting, firstMs, lastMs, nowMs)
      return 'known'
    }
    if (!room.take(sighting.site)) return refuse('room')
    const row = rows.insert({ site: sighting.site, ip, first_ms: firstMs, last_ms: lastMs })
    row.flows = sighting.flows
    row.bytes = sighting.bytes
    if (sighting.mac !== null) macs.see(row, sighting.mac, firstMs, lastMs, nowMs)
    hear.recall(row, nowMs)
    rows.write(row)
    ports.see(row.id, sighting.ports, firstMs, lastMs)
    store.tell('new', row, nowMs, { peers: sighting.peers })
    return 'added'
  }

  function seeAgain(row: AssetRow, sighting: Sighting, firstMs: number, lastMs: number, nowMs: number): void {
    const beforeMac = row.mac
    const absentMs = firstMs - row.last_ms
    const verdict = sighting.mac === null ? 'same' : macs.see(row, sighting.mac, firstMs, lastMs, nowMs)
    row.first_ms = Math.min(row.first_ms, firstMs)
    row.last_ms = Math.max(row.last_ms, lastMs)
    row.flows = add(row.flows, sighting.flows)
    row.bytes = add(row.bytes, sighting.bytes)
    if (row.keep === KEEP.once && row.last_ms - row.first_ms >= REGULAR_MS) row.keep = KEEP.regular
    if (row.mac === beforeMac) rows.touch(row)
    else rows.write(row)
    ports.see(row.id, sighting.ports, firstMs, lastMs)
    if (absentMs >= backAfterMs) store.tell('back', row, nowMs, { absentMs, peers: sighting.peers })
    if (verdict === 'changed') store.tell('mac', row, nowMs, { beforeMac, peers: sighting.peers })
  }

  function isNew({ site, ip: text }: Sighting): boolean {
    const ip = ipBytes(text)
    return isSubjectToken(site) && refusalOf(ip) === undefined && rows.get(site, ip) === undefined
  }

  function refuse(reason: string): Verdict {
    countRefusal(counters, reason)
    return 'refused'
  }

  return async (sightings, nowMs) => {
    const sum = { added: 0, refused: 0 }
    if (sightings.some(isNew)) await refreshLeases()
    for (const piece of pieces(sightings)) {
      await turn()
      const verdicts = store.transaction(() => piece.map((sighting) => sightOne(sighting, nowMs)))
      const added = verdicts.filter((verdict) => verdict === 'added').length
      counters.sightings += piece.length
      counters.added += added
      sum.added += added
      sum.refused += verdicts.filter((verdict) => verdict === 'refused').length
    }
    return sum
  }
}

function* pieces(sightings: readonly Sighting[]): Generator<Sighting[]> {
  let piece: Sighting[] = []
  let writes = 0
  for (const sighting of sightings) {
    piece.push(sighting)
    writes += ROWS_OF_ASSET + sighting.ports.length
    if (writes < ROWS_IN_TRANSACTION) continue
    yield piece
    piece = []
    writes = 0
  }
  if (piece.length > 0) yield piece
}

/** Saturates: above 2^53 numbers have gaps. */
const add = (a: number, b: number): number => Math.min(a + b, Number.MAX_SAFE_INTEGER)
