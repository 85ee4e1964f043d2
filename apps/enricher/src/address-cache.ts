// What is known of addresses at one site: the names that clients were told, and whose they are: the asset of a local address, the holder
// of an external one. Filled by replies of the services for addresses that turn up in flows, kept up to date by their events. A gap in the
// events empties it: what is not known is asked for, what would be wrong is not kept.
import {
  type AddressView,
  type AssetEvent,
  assetLabel,
  type DnsReplyEvent,
  type DnsRunsReply,
  TextTable,
  type WhoisLookupReply,
} from '@netbehave/schema'
import { type AddressKey, keyOfText } from './address-key.ts'
import { countNames, renumbered, summarise, type Told, withName } from './few-names.ts'
import { Labels, NO_LABEL } from './label.ts'
import { RECORD, RecentAddresses, type Slot, UNKNOWN } from './recent-addresses.ts'
import { StoredNames } from './stored-names.ts'
import { clientBit, type FoundName, NAME_HOW } from './told-names.ts'

/** What of a record is ours (RecentAddresses). The newest name that anybody was told, and the second from which it holds. */
const [NEWEST, NEWEST_S] = [2, 3]
/** Bit n: there may be a client of its own names whose key ends in n. */
const CLIENT_BITS = 4
/** Number in the table of owners; NO_LABEL: nobody's, or not known. Asked for again from this second on. */
const [OWNER, OWNER_UNTIL_S] = [5, 6]
const FLAGS = 7
/** Its names have been asked for. It has a name from the hosts file or DHCP. */
const [HAS_NAMES, HAS_LOCAL_NAME] = [1, 2]
/** In place of the number of a text: not known, and to be asked for. */
export const NOT_ASKED = -1

const SECOND_MS = 1000
const HOUR_MS = 3_600_000
/** How long what whois says holds. */
const HOLDER_HOLDS_MS = { known: 24 * HOUR_MS, none: HOUR_MS, queued: 5_000, off: 60_000 } as const
/** Assets are kept up to date by events, which may be missed. */
const ASSET_HOLDS_MS = 10 * 60_000
/** Instances of dns-ingest whose events are followed. */
const BOOTS = 64

/** What a client was told. */
type Answer = DnsReplyEvent['answers'][number]

/** The texts of a cache as dictionaries use them. Holders and assets are both owners. */
export interface CacheLabels {
  readonly names: Labels
  readonly orgs: Labels
  readonly assets: Labels
}

export class AddressCache {
  readonly #site: string
  readonly #skewMs: number
  readonly #limit: number
  #mostTexts: number
  readonly #addresses: RecentAddresses
  readonly #told = new StoredNames()
  /** Newest event of each instance of dns-ingest. */
  readonly #boots = new Map<string, number>()
  /** Events for addresses that are being asked for, which the reply may not hold yet. */
  readonly #pending = new Map<AddressKey, DnsReplyEvent['answers']>()
  /** Of the name that `nameOf` gave last, as in the columns `srcNameHow` and `dstNameHow`. */
  how: number = NAME_HOW.none
  readonly #found: FoundName = { label: NO_LABEL, how: NAME_HOW.none }
  /** Times that it was emptied because events were missed. */
  resets = 0
  /** What the numbers of names and owners mean. Replaced, with all numbers, when texts were forgotten. */
  labels: CacheLabels = makeLabels()

  /** `limit`: names and addresses that are kept. `skewMs`: how much later than the flow an answer may be dated. */
  constructor(site: string, limit: number, skewMs: number) {
    this.#site = site
    this.#skewMs = skewMs
    this.#addresses = new RecentAddresses(limit, (slot) => this.#told.delete(slot))
    this.#limit = limit
    this.#mostTexts = 2 * limit
  }

  /** Names and addresses. */
  get size(): number {
    return this.#addresses.weight
  }

  get evicted(): number {
    return this.#addresses.evicted
  }

  /** Good until the next reply or event; UNKNOWN: nothing was asked for yet. */
  get(address: AddressKey): Slot {
    return this.#addresses.get(address)
  }

  /** The same for all rows of a column; NO_ADDRESS where there is none. Good until the next call. */
  slotsOf(view: AddressView): Int32Array {
    return this.#addresses.slotsOf(view)
  }

  /**
   * The name of an address for a client at the time `times[row]` (epoch ms; a number of its own would be an object on the heap for each
   * flow): a number in the table of names, or NO_LABEL; `how` says whose it is. NOT_ASKED: its names have not been asked for.
   */
  nameOf(slot: Slot, client: AddressKey | undefined, times: Float64Array, row: number): number {
    const records = this.#addresses.records
    const at = slot * RECORD
    const flags = records[at + FLAGS]!
    if ((flags & HAS_NAMES) === 0) return NOT_ASKED
    // Most flows are of clients that never asked for the address, and later than the newest name of anybody.
    const hasOwn = client !== undefined && (records[at + CLIENT_BITS]! & clientBit(client)) !== 0
    if (!hasOwn && (flags & HAS_LOCAL_NAME) === 0 && (records[at + NEWEST_S]! + 1) * SECOND_MS <= times[row]!) {
      const newest = records[at + NEWEST]!
      this.how = newest === NO_LABEL ? NAME_HOW.none : NAME_HOW.other
      return newest
    }
    this.#told.find(slot, client, times[row]!, this.#skewMs, this.#found)
    this.how = this.#found.how
    return this.#found.label
  }

  /**
   * The asset of a local address, the holder of an external one: a number in the table of owners, or NO_LABEL. NOT_ASKED: it is not known
   * at this second.
   */
  ownerOf(slot: Slot, nowS: number): number {
    const at = slot * RECORD
    return this.#addresses.records[at + OWNER_UNTIL_S]! > nowS ? this.#addresses.records[at + OWNER]! : NOT_ASKED
  }

  /** The names of these addresses are about to be asked for: events about them count from now on. */
  expectNames(addresses: readonly AddressKey[]): void {
    for (const address of addresses) this.#pending.set(address, [])
  }

  /** The reply for the addresses that were expected; without one they stay unknown. */
  putNames(addresses: readonly AddressKey[], reply: DnsRunsReply | undefined): void {
    this.#forgetTexts()
    if (reply !== undefined && !this.#boots.has(reply.boot)) this.#follow(reply.boot, reply.sequence)
    addresses.forEach((address, i) => {
      const since = this.#pending.get(address)
      this.#pending.delete(address)
      const runs = reply?.runs[i]
      // Without `since` the cache was emptied meanwhile, and the reply may be older than what was missed.
      if (runs === undefined || runs === null || since === undefined) return
      this.#change(address, (slot) => {
        this.#addresses.records[slot * RECORD + FLAGS]! |= HAS_NAMES
        for (const { client, source, name, firstMs } of runs)
          this.#addName(slot, { client, source, name, atMs: firstMs })
        for (const answer of since) this.#addName(slot, answer)
      })
    })
  }

  /** Takes what clients are being told. */
  noteNames(event: DnsReplyEvent): void {
    const before = this.#boots.get(event.boot)
    if (before === undefined) this.#follow(event.boot, event.sequence)
    else if (event.sequence <= before) return
    else {
      if (event.sequence > before + 1) this.clear()
      this.#boots.set(event.boot, event.sequence)
    }
    this.#forgetTexts()
    const isOurs = event.site === this.#site
    for (const told of event.answers) {
      if (!isOurs && told.source !== 'dns') continue
      const answer = isOurs ? told : { ...told, client: null }
      const address = keyOfText(answer.address)
      if (address === undefined) continue
      this.#pending.get(address)?.push(answer)
      const known = this.#addresses.peek(address)
      if (known === UNKNOWN || (this.#addresses.records[known * RECORD + FLAGS]! & HAS_NAMES) === 0) continue
      this.#change(address, (slot) => this.#addName(slot, answer))
    }
  }

  putAssets(addresses: readonly AddressKey[], labels: readonly (string | null)[], nowMs: number): void {
    this.#forgetTexts()
    for (const [i, address] of addresses.entries()) this.#setOwner(address, labels[i] ?? '', nowMs + ASSET_HOLDS_MS)
  }

  noteAsset({ change, asset }: AssetEvent, nowMs: number): void {
    const address = keyOfText(asset.ip)
    if (address === undefined || asset.site !== this.#site) return
    this.#forgetTexts()
    this.#setOwner(address, change === 'forgotten' ? '' : assetLabel(asset), nowMs + ASSET_HOLDS_MS)
  }

  /** Returns whether asking the registries is switched off altogether. */
  putHolders(addresses: readonly AddressKey[], { holders }: WhoisLookupReply, nowMs: number): boolean {
    this.#forgetTexts()
    for (const [i, address] of addresses.entries()) {
      const answer = holders[i]
      if (answer === undefined) continue
      const text = answer.holder === null ? '' : answer.holder.org || answer.holder.name
      this.#setOwner(address, text, nowMs + HOLDER_HOLDS_MS[answer.state])
    }
    return holders.length > 0 && holders.every(({ state }) => state === 'off')
  }

  /** Forgets everything: events may have been missed. */
  clear(): void {
    this.resets++
    this.#addresses.clear()
    this.#told.clear()
    this.#pending.clear()
  }

  /** A text stays in its table when no address has it any more. When they may be more than half, those in use move to tables of their own. */
  #forgetTexts(): void {
    const { names, orgs } = this.labels
    if (names.table.size <= this.#mostTexts && orgs.table.size <= this.#mostTexts) return
    const next = makeLabels()
    const move = (from: TextTable, to: TextTable) => (number: number) => to.add(from.text(number))
    const moveName = move(names.table, next.names.table)
    const moveOwner = move(orgs.table, next.orgs.table)
    for (let slot = 0; slot < this.#addresses.slotLimit; slot++) {
      if (!this.#addresses.isTaken(slot)) continue
      const told = this.#told.get(slot)
      if (told !== undefined) this.#putTold(slot, renumbered(told, moveName))
      this.#addresses.records[slot * RECORD + OWNER] = moveOwner(this.#addresses.records[slot * RECORD + OWNER]!)
    }
    this.labels = next
    this.#mostTexts = 2 * Math.max(this.#limit, next.names.table.size, next.orgs.table.size)
  }

  #setOwner(address: AddressKey, text: string, untilMs: number): void {
    this.#change(address, (slot) => {
      this.#addresses.records[slot * RECORD + OWNER] = this.labels.orgs.table.add(text)
      this.#addresses.records[slot * RECORD + OWNER_UNTIL_S] = secondOf(untilMs)
    })
  }

  #addName(slot: Slot, { client, source, name, atMs }: Pick<Answer, 'client' | 'source' | 'name' | 'atMs'>): void {
    const key = client === null ? undefined : keyOfText(client)
    this.#putTold(slot, withName(this.#told.get(slot), key, source, this.labels.names.table.add(name), atMs))
  }

  #putTold(slot: Slot, told: Told): void {
    const { newest, newestMs, clientBits, hasLocal } = summarise(told)
    const at = slot * RECORD
    this.#told.put(slot, told)
    this.#addresses.records[at + NEWEST] = newest
    this.#addresses.records[at + NEWEST_S] = secondOf(newestMs)
    this.#addresses.records[at + CLIENT_BITS] = clientBits
    if (hasLocal) this.#addresses.records[at + FLAGS]! |= HAS_LOCAL_NAME
  }

  /** Changes what is known of an address, and with it its weight. */
  #change(address: AddressKey, change: (slot: Slot) => void): void {
    const known = this.#addresses.peek(address)
    const slot = known === UNKNOWN ? this.#add(address) : known
    change(slot)
    this.#addresses.weigh(slot, 1 + countNames(this.#told.get(slot)))
  }

  #add(address: AddressKey): Slot {
    const slot = this.#addresses.add(address)
    this.#told.delete(slot)
    return slot
  }

  #follow(boot: string, sequence: number): void {
    // Another instance, or the same one started again: what it told before was not heard.
    if (this.#boots.size > 0) this.clear()
    if (this.#boots.size >= BOOTS) this.#boots.clear()
    this.#boots.set(boot, sequence)
  }
}

/** Whole seconds of an epoch time, within what a record holds. */
const secondOf = (ms: number): number => Math.min(Math.max(Math.floor(ms / SECOND_MS), 0), 0xffff_ffff)

function makeLabels(): CacheLabels {
  const owners = new TextTable()
  return { names: new Labels(new TextTable()), orgs: new Labels(owners), assets: new Labels(owners) }
}
