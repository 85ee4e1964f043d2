// What is known of addresses at one site: the names that clients were told, and whose they are: the asset of a local address, the holder
// of an external one. Filled by replies of the services for addresses that turn up in flows, kept up to date by their events. A gap in the
// events empties it: what is not known is asked for, what would be wrong is not kept.
import {
  type AssetEvent,
  assetLabel,
  type DnsReplyEvent,
  type DnsRunsReply,
  type WhoisLookupReply,
} from '@netbehave/schema'
import { type AddressKey, keyOfText } from './address-key.ts'
import { type Label, labelOf } from './label.ts'
import { RecentMap } from './recent-map.ts'
import { type FoundName, NAME_HOW, ToldNames } from './told-names.ts'

/** What is known of one address. One object, for a flow pays for each that it reads. */
export class KnownAddress extends ToldNames {
  /** Have its names been asked for? */
  hasNames = false
  /** Undefined: nobody's, or not known. */
  owner: Label | undefined
  /** The owner is asked for again from this second on. */
  ownerUntilS = 0
}

const SECOND_MS = 1000
const HOUR_MS = 3_600_000
/** How long what whois says holds. */
const HOLDER_HOLDS_MS = { known: 24 * HOUR_MS, none: HOUR_MS, queued: 5_000, off: 60_000 } as const
/** Assets are kept up to date by events, which may be missed. */
const ASSET_HOLDS_MS = 10 * 60_000
/** Instances of dns-ingest whose events are followed. */
const BOOTS = 64

export class AddressCache {
  readonly #site: string
  readonly #skewMs: number
  readonly #addresses: RecentMap<AddressKey, KnownAddress>
  /** One label for one text, so that it is in a dictionary once. */
  readonly #labels: RecentMap<string, Label>
  /** Newest event of each instance of dns-ingest. */
  readonly #boots = new Map<string, number>()
  /** Events for addresses that are being asked for, which the reply may not hold yet. */
  readonly #pending = new Map<AddressKey, DnsReplyEvent['answers']>()
  readonly #found: FoundName = { label: undefined, how: NAME_HOW.none }
  /** Times that it was emptied because events were missed. */
  resets = 0

  /** `limit`: names and addresses that are kept. `skewMs`: how much later than the flow an answer may be dated. */
  constructor(site: string, limit: number, skewMs: number) {
    this.#site = site
    this.#skewMs = skewMs
    this.#addresses = new RecentMap(limit, ({ runs }) => 1 + runs)
    this.#labels = new RecentMap(limit)
  }

  /** Names and addresses. */
  get size(): number {
    return this.#addresses.weight
  }

  get evicted(): number {
    return this.#addresses.evicted
  }

  /** Undefined: nothing was asked for yet. */
  get(address: AddressKey): KnownAddress | undefined {
    return this.#addresses.get(address)
  }

  /** The name of a known address for a client at a time (epoch ms). The object is good until the next call. */
  nameOf(known: KnownAddress, client: AddressKey | undefined, atMs: number): FoundName {
    known.find(client, atMs, this.#skewMs, this.#found)
    return this.#found
  }

  /** The names of these addresses are about to be asked for: events about them count from now on. */
  expectNames(addresses: readonly AddressKey[]): void {
    for (const address of addresses) this.#pending.set(address, [])
  }

  /** The reply for the addresses that were expected; without one they stay unknown. */
  putNames(addresses: readonly AddressKey[], reply: DnsRunsReply | undefined): void {
    if (reply !== undefined && !this.#boots.has(reply.boot)) this.#follow(reply.boot, reply.sequence)
    addresses.forEach((address, i) => {
      const since = this.#pending.get(address)
      this.#pending.delete(address)
      const runs = reply?.runs[i]
      // Without `since` the cache was emptied meanwhile, and the reply may be older than what was missed.
      if (runs === undefined || runs === null || since === undefined) return
      this.#change(address, (known) => {
        known.hasNames = true
        for (const { client, source, name, firstMs } of runs) {
          known.add(keyOrNobody(client), source, this.#labelOf(name), firstMs)
        }
        for (const answer of since) this.#add(known, answer)
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
    const isOurs = event.site === this.#site
    for (const told of event.answers) {
      if (!isOurs && told.source !== 'dns') continue
      const answer = isOurs ? told : { ...told, client: null }
      const address = keyOfText(answer.address)
      if (address === undefined) continue
      this.#pending.get(address)?.push(answer)
      if (this.#addresses.peek(address)?.hasNames !== true) continue
      this.#change(address, (known) => this.#add(known, answer))
    }
  }

  putAssets(addresses: readonly AddressKey[], labels: readonly (string | null)[], nowMs: number): void {
    for (const [i, address] of addresses.entries()) this.#setOwner(address, labels[i] ?? '', nowMs + ASSET_HOLDS_MS)
  }

  noteAsset({ change, asset }: AssetEvent, nowMs: number): void {
    const address = keyOfText(asset.ip)
    if (address === undefined || asset.site !== this.#site) return
    this.#setOwner(address, change === 'forgotten' ? '' : assetLabel(asset), nowMs + ASSET_HOLDS_MS)
  }

  /** Returns whether asking the registries is switched off altogether. */
  putHolders(addresses: readonly AddressKey[], { holders }: WhoisLookupReply, nowMs: number): boolean {
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
    this.#pending.clear()
  }

  #setOwner(address: AddressKey, text: string, untilMs: number): void {
    this.#change(address, (known) => {
      known.owner = text === '' ? undefined : this.#labelOf(text)
      known.ownerUntilS = Math.ceil(untilMs / SECOND_MS)
    })
  }

  #add(known: KnownAddress, { client, source, name, atMs }: DnsReplyEvent['answers'][number]): void {
    known.add(keyOrNobody(client), source, this.#labelOf(name), atMs)
  }

  /** Changes what is known of an address, and with it its weight. */
  #change(address: AddressKey, change: (known: KnownAddress) => void): void {
    const known = this.#addresses.peek(address) ?? new KnownAddress()
    this.#addresses.delete(address)
    change(known)
    this.#addresses.set(address, known)
  }

  #labelOf(text: string): Label {
    let label = this.#labels.get(text)
    if (label === undefined) {
      label = labelOf(text)
      this.#labels.set(text, label)
    }
    return label
  }

  #follow(boot: string, sequence: number): void {
    // Another instance, or the same one started again: what it told before was not heard.
    if (this.#boots.size > 0) this.clear()
    if (this.#boots.size >= BOOTS) this.#boots.clear()
    this.#boots.set(boot, sequence)
  }
}

const keyOrNobody = (client: string | null): AddressKey | undefined => (client === null ? undefined : keyOfText(client))
