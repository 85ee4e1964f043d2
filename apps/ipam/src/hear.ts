// Step hear: host names and MACs of local addresses, from what dns-ingest tells of leases, hosts files and the own DNS zones. In:
// DnsReplyEvent, leases. What is told of addresses that are no assets yet waits, bounded, for the sighting. Names of other zones are not
// taken: anybody may let a name of theirs point here.
import { assetLabel, type DnsLease, type DnsReplyEvent, type FieldSource, isSubjectToken } from '@netbehave/schema'
import { ipBytes, refusalOf } from './asset-key.ts'
import type { AssetRow } from './asset-rows.ts'
import type { MacVerdict } from './macs.ts'
import type { Store } from './store.ts'
import type { Turn } from './turns.ts'

export interface Hear {
  /** Takes an event; resolves when it is worked in. */
  onReply(event: DnsReplyEvent, nowMs: number): Promise<void>
  /** As `onReply`, of leases that dns-ingest knows. */
  onLeases(leases: readonly DnsLease[], nowMs: number): Promise<void>
  /** Puts the host name and the MAC that waited for this new asset on the row (not written). */
  recall(row: AssetRow, nowMs: number): void
  /** Names that found no room. */
  readonly dropped: number
}

type HeardSource = Extract<FieldSource, 'dhcp' | 'hosts' | 'dns'>
interface HeardName {
  readonly name: string
  readonly source: HeardSource
  readonly atMs: number
}
/** What is told of one address: a name, or the MAC of its lease, or both. */
interface Heard {
  readonly site: string
  readonly ip: Uint8Array
  readonly name: HeardName | undefined
  readonly mac: string
  readonly atMs: number
}
interface Waiting {
  name: HeardName | undefined
  lease: { readonly mac: string; readonly atMs: number } | undefined
}

/** Names that wait for the sighting of their address; the oldest goes. */
const MAX_WAITING = 4096
/** Events that wait for their turn. */
const MAX_EVENTS = 64
const NAMES_IN_TRANSACTION = 64
/** An address may have several names: another one counts when the present one was not heard for so long. */
const STALE_MS = 3_600_000
/** How exactly it is remembered when a name was heard. */
const HEARD_MS = 10 * 60_000
const RANK: Readonly<Record<FieldSource, number>> = { person: 4, import: 4, dhcp: 3, hosts: 2, dns: 1 }
/** A lease is renewed at half its time, mostly hours: the address may be another device's when this one is older. */
const LEASE_MS = 24 * 3_600_000

/** `localZones`: zones whose names nobody else can make. */
export function createHear(store: Store, turn: Turn, localZones: readonly string[]): Hear {
  const { rows, origins, macs, counters } = store
  const zones = localZones.map((zone) => `.${zone}`)
  const waiting = new Map<string, Waiting>()
  let events = 0
  let dropped = 0

  function hearOne(heard: Heard, nowMs: number): void {
    counters.heard++
    const row = rows.get(heard.site, heard.ip)
    if (row === undefined) {
      wait(heard)
      return
    }
    const before = assetLabel(row)
    const isNamed = heard.name !== undefined && take(row, heard.name)
    const beforeMac = row.mac
    const verdict = heard.mac === '' ? 'same' : seeMac(row, heard.mac, heard.atMs, nowMs)
    if (!isNamed && row.mac === beforeMac) return
    rows.write(row)
    if (!store.outbox.hasRoom) return
    if (verdict === 'changed') store.tell('mac', row, nowMs, { beforeMac, peers: [] })
    // The label on flows is another one; without room for telling it, caches learn it when they ask again.
    else if (assetLabel(row) !== before) store.tell('edited', row, nowMs)
  }

  /** Behind a router flows carry the router's MAC, and the lease is all there is; what flows showed later is newer than the lease. */
  function seeMac(row: AssetRow, mac: string, atMs: number, nowMs: number): MacVerdict {
    const isInForce = row.mac === null && row.last_ms - atMs < LEASE_MS
    const seenMs = Math.min(nowMs, isInForce ? Math.max(atMs, row.last_ms) : atMs)
    return macs.see(row, mac, Math.min(atMs, seenMs), seenMs, nowMs)
  }

  /** Does the name go onto the row? Who has it and when is remembered. */
  function take(row: AssetRow, { name, source, atMs }: HeardName): boolean {
    const origin = origins.get(row.id, 'hostname')
    if (origin?.locked) return false
    const isSame = row.hostname === name || firstLabel(row.hostname) === firstLabel(name)
    const isSeen = origin !== undefined && RANK[origin.source] < RANK.person
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

  function wait({ site, ip, name, mac, atMs }: Heard): void {
    const key = keyOf(site, ip)
    const entry = waiting.get(key) ?? { name: undefined, lease: undefined }
    if (name && !(entry.name && RANK[entry.name.source] > RANK[name.source])) entry.name = name
    if (mac !== '') entry.lease = { mac, atMs }
    waiting.delete(key) // to the end
    waiting.set(key, entry)
    if (waiting.size <= MAX_WAITING) return
    waiting.delete(waiting.keys().next().value!)
    dropped++
  }

  async function hearAll(all: readonly Heard[], nowMs: number): Promise<void> {
    for (let at = 0; at < all.length; at += NAMES_IN_TRANSACTION) {
      await turn()
      const piece = all.slice(at, at + NAMES_IN_TRANSACTION)
      store.transaction(() => {
        for (const heard of piece) hearOne(heard, nowMs)
      })
    }
  }

  /** Leases and hosts files answer everybody, who asked is not told; of answers to queries only those of the own zones count. */
  function sourceOf({ client, source, name }: DnsReplyEvent['answers'][number]): HeardSource | undefined {
    if (source === 'dns') return zones.some((zone) => name.endsWith(zone)) ? 'dns' : undefined
    return client === null ? source : undefined
  }

  return {
    async onReply({ site, answers }, nowMs) {
      const told = answers.flatMap((answer): Heard[] => {
        const source = sourceOf(answer)
        if (source === undefined) return []
        const ip = ipBytes(answer.address)
        // A name of a zone of ours may stand for a server on the internet.
        if (source === 'dns' && refusalOf(ip) !== undefined) return []
        const atMs = Math.min(answer.atMs, nowMs)
        return [{ site, ip, name: { name: answer.name, source, atMs }, mac: '', atMs }]
      })
      if (told.length === 0) return
      if (events >= MAX_EVENTS) {
        dropped += told.length
        return
      }
      events++
      try {
        await hearAll(told, nowMs)
      } finally {
        events--
      }
    },
    onLeases(leases, nowMs) {
      const told = leases
        .filter(({ site, mac, hostname }) => isSubjectToken(site) && (mac !== '' || hostname !== ''))
        .map(({ site, address, mac, hostname, lastMs }): Heard => {
          const atMs = Math.min(lastMs, nowMs)
          const name = hostname === '' ? undefined : ({ name: hostname, source: 'dhcp', atMs } as const)
          return { site, ip: ipBytes(address), name, mac, atMs }
        })
      return hearAll(told, nowMs)
    },
    recall(row, nowMs) {
      const key = keyOf(row.site, row.ip)
      const entry = waiting.get(key)
      if (entry === undefined) return
      waiting.delete(key)
      if (entry.name) take(row, entry.name)
      if (entry.lease && row.mac === null) seeMac(row, entry.lease.mac, entry.lease.atMs, nowMs)
    },
    get dropped() {
      return dropped
    },
  }
}

const keyOf = (site: string, ip: Uint8Array): string => `${site} ${Buffer.from(ip).toString('latin1')}`

/** A server answers for `laptop` and `laptop.lan`: one name. */
const firstLabel = (name: string): string => name.split('.', 1)[0]!
