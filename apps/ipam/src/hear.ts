// Step hear: host names of local addresses, from what dns-ingest tells of leases and hosts files. In: DnsReplyEvent. Names of addresses that
// are no assets yet wait, bounded, for the sighting. Names of other answers are not taken: anybody may let a name of theirs point here.
import { assetLabel, type DnsReplyEvent, type FieldSource } from '@netbehave/schema'
import { ipBytes } from './asset-key.ts'
import type { AssetRow } from './asset-rows.ts'
import type { Store } from './store.ts'
import type { Turn } from './turns.ts'

export interface Hear {
  /** Takes an event; resolves when it is worked in. */
  onReply(event: DnsReplyEvent, nowMs: number): Promise<void>
  /** Puts the host name that waited for this new asset on the row (not written). */
  recall(row: AssetRow): void
  /** Names that found no room. */
  readonly dropped: number
}

type HeardSource = Extract<FieldSource, 'dhcp' | 'hosts'>
interface HeardName {
  readonly name: string
  readonly source: HeardSource
  readonly atMs: number
}
type Answer = DnsReplyEvent['answers'][number] & { source: HeardSource }

/** Names that wait for the sighting of their address; the oldest goes. */
const MAX_WAITING = 4096
/** Events that wait for their turn. */
const MAX_EVENTS = 64
const NAMES_IN_TRANSACTION = 64
/** An address may have several names: another one counts when the present one was not heard for so long. */
const STALE_MS = 3_600_000
/** How exactly it is remembered when a name was heard. */
const HEARD_MS = 10 * 60_000
const RANK: Readonly<Record<FieldSource, number>> = { person: 3, import: 3, dhcp: 2, hosts: 1 }

export function createHear(store: Store, turn: Turn): Hear {
  const { rows, origins, counters } = store
  const waiting = new Map<string, HeardName>()
  let events = 0
  let dropped = 0

  function hearOne(site: string, answer: Answer, nowMs: number): void {
    counters.heard++
    const ip = ipBytes(answer.address)
    const heard = { name: answer.name, source: answer.source, atMs: Math.min(answer.atMs, nowMs) }
    const row = rows.get(site, ip)
    if (row === undefined) wait(keyOf(site, ip), heard)
    else if (take(row, heard)) {
      const before = assetLabel(rows.label(site, ip)!)
      rows.write(row)
      // The label on flows is another one; without room for telling it, caches learn it when they ask again.
      if (assetLabel(row) !== before && store.outbox.hasRoom) store.tell('edited', row, nowMs)
    }
  }

  /** Does the name go onto the row? Who has it and when is remembered. */
  function take(row: AssetRow, { name, source, atMs }: HeardName): boolean {
    const origin = origins.get(row.id, 'hostname')
    if (origin?.locked) return false
    const isSame = row.hostname === name || firstLabel(row.hostname) === firstLabel(name)
    const isSeen = origin?.source === 'dhcp' || origin?.source === 'hosts'
    if (isSeen && row.hostname !== '') {
      if (RANK[source] < RANK[origin.source] && atMs - origin.atMs < STALE_MS) return false
      if (isSame && origin.source === source) {
        if (atMs - origin.atMs >= HEARD_MS) origins.set(row.id, { ...origin, atMs })
        return false
      }
      if (!isSame && RANK[source] === RANK[origin.source] && atMs - origin.atMs < STALE_MS) return false
    }
    origins.set(row.id, { field: 'hostname', source, locked: false, atMs })
    if (isSame && row.hostname !== '') return false
    row.hostname = name
    counters.hostnames++
    return true
  }

  function wait(key: string, heard: HeardName): void {
    const before = waiting.get(key)
    if (before !== undefined && RANK[before.source] > RANK[heard.source]) return
    waiting.delete(key) // to the end
    waiting.set(key, heard)
    if (waiting.size <= MAX_WAITING) return
    waiting.delete(waiting.keys().next().value!)
    dropped++
  }

  return {
    async onReply({ site, answers }, nowMs) {
      const told = answers.filter(isLocal)
      if (told.length === 0) return
      if (events >= MAX_EVENTS) {
        dropped += told.length
        return
      }
      events++
      try {
        for (let at = 0; at < told.length; at += NAMES_IN_TRANSACTION) {
          await turn()
          const piece = told.slice(at, at + NAMES_IN_TRANSACTION)
          store.transaction(() => {
            for (const answer of piece) hearOne(site, answer, nowMs)
          })
        }
      } finally {
        events--
      }
    },
    recall(row) {
      const key = keyOf(row.site, row.ip)
      const heard = waiting.get(key)
      if (heard === undefined) return
      waiting.delete(key)
      take(row, heard)
    },
    get dropped() {
      return dropped
    },
  }
}

const keyOf = (site: string, ip: Uint8Array): string => `${site} ${Buffer.from(ip).toString('latin1')}`

/** The answers for everybody: of leases and hosts files. */
const isLocal = (answer: DnsReplyEvent['answers'][number]): answer is Answer =>
  answer.client === null && (answer.source === 'dhcp' || answer.source === 'hosts')

/** A server answers for `laptop` and `laptop.lan`: one name. */
const firstLabel = (name: string): string => name.split('.', 1)[0]!
