// Sets whose template has not come yet: copies of their bytes with the clock of their own datagram, oldest first, bounded in
// bytes overall and per exporter, and in age. Decoded when the template comes, counted when given up.
import { copyBytes } from './bytes.ts'
import type { Domain, Exporter } from './exporter-state.ts'
import type { DecoderLimits } from './limits.ts'
import { LruLink, LruList } from './lru-list.ts'

/** Bytes that a held set costs beside its contents. */
export const HELD_SET_OVERHEAD_BYTES = 256

export class HeldSet {
  readonly domain: Domain
  readonly templateId: number
  readonly port: number
  /** The set without its header. */
  readonly bytes: Uint8Array
  readonly receivedMs: number
  /** The clock of its datagram, as in RunContext. */
  readonly exportMs: number
  readonly headerMs: number
  readonly uptimeMs: number
  readonly inStore: LruLink<HeldSet> = new LruLink<HeldSet>(this)
  readonly inExporter: LruLink<HeldSet> = new LruLink<HeldSet>(this)

  constructor(domain: Domain, templateId: number, port: number, bytes: Uint8Array, receivedMs: number, clock: Clock) {
    this.domain = domain
    this.templateId = templateId
    this.port = port
    this.bytes = bytes
    this.receivedMs = receivedMs
    this.exportMs = clock.exportMs
    this.headerMs = clock.headerMs
    this.uptimeMs = clock.uptimeMs
  }

  get cost(): number {
    return this.bytes.length + HELD_SET_OVERHEAD_BYTES
  }
}

interface Clock {
  exportMs: number
  headerMs: number
  uptimeMs: number
}

export class HeldSets {
  readonly #limits: DecoderLimits
  readonly #all = new LruList<HeldSet>()
  /** Bytes held, overhead included. */
  bytes = 0
  /** Called for each set that is given up. */
  onDropped: (domain: Domain) => void = () => {}

  constructor(limits: DecoderLimits) {
    this.#limits = limits
  }

  /** Keeps a copy of the set's contents. False, and nothing kept, when it could not be held at all. */
  hold(
    domain: Domain,
    templateId: number,
    port: number,
    bytes: Uint8Array,
    at: number,
    end: number,
    receivedMs: number,
    clock: Clock,
  ): boolean {
    const cost = end - at + HELD_SET_OVERHEAD_BYTES
    const { maxHeldBytes, maxHeldBytesPerExporter, heldMaxMs } = this.#limits
    if (cost > maxHeldBytes || cost > maxHeldBytesPerExporter) return false
    const exporter = domain.exporter
    while (exporter.held.oldest && exporter.heldBytes + cost > maxHeldBytesPerExporter)
      this.#giveUp(exporter.held.oldest)
    while (this.#all.oldest && this.bytes + cost > maxHeldBytes) this.#giveUp(this.#all.oldest)
    while (this.#all.oldest && this.#all.oldest.receivedMs < receivedMs - heldMaxMs) this.#giveUp(this.#all.oldest)
    const awaited = this.#awaited(domain, templateId, receivedMs)
    if (!awaited) return false
    const held = new HeldSet(domain, templateId, port, copyBytes(bytes, at, end), receivedMs, clock)
    this.#all.add(held.inStore)
    exporter.held.add(held.inExporter)
    this.bytes += cost
    exporter.heldBytes += cost
    awaited.heldSets++
    awaited.heldBytes += held.bytes.length
    return true
  }

  /** Takes out, in order of arrival, the sets of a template. Those of `accepts` false stay. */
  take(domain: Domain, templateId: number, accepts: (held: HeldSet) => boolean): HeldSet[] {
    const awaited = domain.awaiting?.get(templateId)
    if (!awaited) return NO_SETS
    const taken: HeldSet[] = []
    for (let link = domain.exporter.held.oldestLink; link; ) {
      const held = link.owner
      link = link.newer
      if (held.domain !== domain || held.templateId !== templateId || !accepts(held)) continue
      this.#remove(held)
      awaited.heldSets--
      awaited.heldBytes -= held.bytes.length
      taken.push(held)
    }
    if (awaited.heldSets === 0) domain.awaiting?.delete(templateId)
    return taken
  }

  /** Gives up everything of an exporter that is forgotten. */
  forget(exporter: Exporter, domain?: Domain): void {
    for (let link = exporter.held.oldestLink; link; ) {
      const held = link.owner
      link = link.newer
      if (domain === undefined || held.domain === domain) this.#giveUp(held)
    }
  }

  #giveUp(held: HeldSet): void {
    this.#remove(held)
    const awaited = held.domain.awaiting?.get(held.templateId)
    if (awaited) {
      awaited.heldSets--
      awaited.heldBytes -= held.bytes.length
      awaited.droppedSets++
    }
    this.onDropped(held.domain)
  }

  #remove(held: HeldSet): void {
    this.#all.remove(held.inStore)
    held.domain.exporter.held.remove(held.inExporter)
    this.bytes -= held.cost
    held.domain.exporter.heldBytes -= held.cost
  }

  #awaited(domain: Domain, templateId: number, atMs: number) {
    domain.awaiting ??= new Map()
    let awaited = domain.awaiting.get(templateId)
    if (awaited) return awaited
    if (domain.awaiting.size >= this.#limits.maxAwaitedPerDomain) {
      const [oldestId, oldest] = domain.awaiting.entries().next().value!
      if (oldest.heldSets > 0) return undefined
      domain.awaiting.delete(oldestId)
    }
    awaited = { sinceMs: atMs, heldSets: 0, heldBytes: 0, droppedSets: 0 }
    domain.awaiting.set(templateId, awaited)
    return awaited
  }
}

const NO_SETS: HeldSet[] = []
