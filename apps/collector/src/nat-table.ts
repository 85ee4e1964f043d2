// What is remembered of translations: a fixed number of entries in one typed array, four a bucket; the entry of a bucket
// that was seen longest ago gives way, and is counted. No allocation, no clean-up. Two kinds of entry:
// - pair:     (protocol, outside address and port, remote address and port) → inside address and port, told by an exporter
// - outgoing: (protocol, remote address and port, inside port) → inside address, seen leaving the local networks
// Layout of an entry, eight 32-bit words: outside address (0: outgoing) | remote address | local port << 16 | remote port |
// protocol, bit 8 "in use", bit 9 "ambiguous" | inside address | inside port | first, last in seconds (epoch, wraps in 2106).

const WORDS = 8
const WAYS = 4
const IN_USE = 0x100
const AMBIGUOUS = 0x200

export interface NatTableCounters {
  pairs: number
  outgoing: number
  /** Entries that gave way while still valid. */
  evicted: number
}

/** The inside host of a translation; reused by every look-up. */
export interface InsideHost {
  ip: number
  port: number
}

export class NatTable {
  readonly counters: NatTableCounters = { pairs: 0, outgoing: 0, evicted: 0 }
  readonly #words: Uint32Array
  readonly #buckets: number
  readonly #timeoutS: number
  readonly #found: InsideHost = { ip: 0, port: 0 }
  #candidatesS = Number.NEGATIVE_INFINITY

  /** `entries` is rounded up to a power of two. */
  constructor(entries: number, timeoutMs: number) {
    this.#buckets = 2 ** Math.ceil(Math.log2(Math.max(1, entries / WAYS)))
    this.#words = new Uint32Array(this.#buckets * WAYS * WORDS)
    this.#timeoutS = Math.ceil(timeoutMs / 1000)
  }

  /** Flows between two outside addresses turned up, one of which may be our router's. */
  sawCandidates(atMs: number): void {
    this.#candidatesS = Math.floor(atMs / 1000)
  }

  /** Did such flows turn up within the timeout? */
  expectsCandidates(atMs: number): boolean {
    return Math.floor(atMs / 1000) - this.#candidatesS <= this.#timeoutS
  }

  /** An exporter told of a translation, valid for a flow from `firstMs` to `lastMs`. Addresses are IPv4 integers. */
  rememberPair(
    protocol: number,
    outsideIp: number,
    outsidePort: number,
    remoteIp: number,
    remotePort: number,
    insideIp: number,
    insidePort: number,
    firstMs: number,
    lastMs: number,
  ): void {
    this.counters.pairs++
    this.#remember(protocol, outsideIp, remoteIp, ports(outsidePort, remotePort), insideIp, insidePort, firstMs, lastMs)
  }

  /** A flow left an inside host for a remote one. */
  rememberOutgoing(
    protocol: number,
    insideIp: number,
    insidePort: number,
    remoteIp: number,
    remotePort: number,
    firstMs: number,
    lastMs: number,
  ): void {
    this.counters.outgoing++
    this.#remember(protocol, 0, remoteIp, ports(insidePort, remotePort), insideIp, insidePort, firstMs, lastMs)
  }

  /** The inside host behind (outside address, port) for this remote one and time; undefined when none is known. */
  findPair(
    protocol: number,
    outsideIp: number,
    outsidePort: number,
    remoteIp: number,
    remotePort: number,
    firstMs: number,
    lastMs: number,
  ): InsideHost | undefined {
    return this.#find(protocol, outsideIp, remoteIp, ports(outsidePort, remotePort), firstMs, lastMs)
  }

  /** The only inside host that talked with this remote one from this port at that time, if a router kept the port. */
  findOutgoing(
    protocol: number,
    insidePort: number,
    remoteIp: number,
    remotePort: number,
    firstMs: number,
    lastMs: number,
  ): InsideHost | undefined {
    return this.#find(protocol, 0, remoteIp, ports(insidePort, remotePort), firstMs, lastMs)
  }

  #remember(
    protocol: number,
    outsideIp: number,
    remoteIp: number,
    portPair: number,
    insideIp: number,
    insidePort: number,
    firstMs: number,
    lastMs: number,
  ): void {
    const words = this.#words
    const first = Math.floor(firstMs / 1000)
    const last = Math.ceil(lastMs / 1000)
    let at = this.#slot(protocol, outsideIp, remoteIp, portPair)
    if (at >= 0) {
      const isSame = words[at + 4] === insideIp && words[at + 5] === insidePort
      const isOld = first > words[at + 7]! + this.#timeoutS
      if (isSame && !isOld) {
        if (first < words[at + 6]!) words[at + 6] = first
        if (last > words[at + 7]!) words[at + 7] = last
        return
      }
      // Two hosts at once on one key: for a pair the newer word of the exporter counts, a guess would be a lie.
      const ambiguous = outsideIp === 0 && !isSame && !isOld ? AMBIGUOUS : 0
      words[at + 3] = protocol | IN_USE | ambiguous
    } else {
      at = ~at
      if (words[at + 3]! & IN_USE && words[at + 7]! + this.#timeoutS >= first) this.counters.evicted++
      words[at] = outsideIp
      words[at + 1] = remoteIp
      words[at + 2] = portPair
      words[at + 3] = protocol | IN_USE
    }
    words[at + 4] = insideIp
    words[at + 5] = insidePort
    words[at + 6] = first
    words[at + 7] = last
  }

  #find(
    protocol: number,
    outsideIp: number,
    remoteIp: number,
    portPair: number,
    firstMs: number,
    lastMs: number,
  ): InsideHost | undefined {
    const at = this.#slot(protocol, outsideIp, remoteIp, portPair)
    if (at < 0) return undefined
    const words = this.#words
    if (words[at + 3]! & AMBIGUOUS) return undefined
    // A translation that starts after the flow ended, or timed out before it began, is another connection's.
    if (words[at + 6]! > Math.ceil(lastMs / 1000)) return undefined
    if (words[at + 7]! + this.#timeoutS < Math.floor(firstMs / 1000)) return undefined
    this.#found.ip = words[at + 4]!
    this.#found.port = words[at + 5]!
    return this.#found
  }

  /** Offset of the entry with this key; or ~offset of the entry in its bucket that gives way to it. */
  #slot(protocol: number, outsideIp: number, remoteIp: number, portPair: number): number {
    const words = this.#words
    let hash = Math.imul(outsideIp ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(remoteIp, 0xc2b2ae35)
    hash = Math.imul(hash ^ (hash >>> 15) ^ portPair, 0x27d4eb2f) ^ protocol
    hash = Math.imul(hash ^ (hash >>> 13), 0x165667b1)
    const bucket = ((hash ^ (hash >>> 16)) >>> 0) & (this.#buckets - 1)
    const start = bucket * WAYS * WORDS
    let oldest = start
    for (let at = start; at < start + WAYS * WORDS; at += WORDS) {
      const flags = words[at + 3]!
      if (
        words[at + 2] === portPair &&
        words[at + 1] === remoteIp &&
        words[at] === outsideIp &&
        (flags & 0x1ff) === (protocol | IN_USE)
      ) {
        return at
      }
      if (words[at + 7]! < words[oldest + 7]!) oldest = at
    }
    return ~oldest
  }
}

const ports = (local: number, remote: number): number => ((local << 16) | remote) >>> 0
