// Step sight: which local addresses turn up in the flows, with their MAC, ports and first peers, for the asset service. In: enriched batches.
// Out: sightings, an address that is new here at once, any other at most once in `intervalMs`. Fails: never.
import { type AddressView, type FlowBatch, formatMac, MAC_BYTES, type Numbers, type Sighting } from '@netbehave/schema'
import { type AddressKey, keyAt, keyOfText, textOfKey } from './address-key.ts'
import { SERVICE_SIDE } from './name-services.ts'

/** What is kept of one address of one site since it was told of last. */
interface Sight {
  readonly site: string
  readonly key: AddressKey
  mac: number
  firstMs: number
  lastMs: number
  flows: number
  bytes: number
  /** protocol, port, served or used → flows; see `portKey`. */
  readonly ports: Map<number, number>
  readonly peers: Map<AddressKey, string>
  /** Epoch ms; 0: never. */
  toldMs: number
}

/** The addresses of one site; most flows find theirs in `recent`, by a few bits of it, which costs a fifth of the map. */
interface SiteSights {
  readonly all: Map<AddressKey, Sight>
  readonly recent: (Sight | undefined)[]
}

const RECENT = 8192
const recentSlot = (key: AddressKey): number => (typeof key === 'number' ? (key ^ (key >>> 13)) & (RECENT - 1) : 0)

const PORTS = 32
const PEERS = 8
/** Flows of an address, since it was told of last, whose MAC, peers and ports are looked at; of the others one in ONE_IN for its port. */
const LOOKED_AT = 64
const ONE_IN = 16
/** Networks whose addresses are nobody's device. `internal` are private addresses outside of the named networks. */
const NO_DEVICES = new Set(['', 'external', 'multicast', 'broadcast', 'loopback', 'link-local'])
const PRIVATE = 'internal'
const TCP = 6
const [SYN, RST] = [0x02, 0x04]

export class SightTable {
  readonly #limit: number
  readonly #intervalMs: number
  readonly #sites = new Map<string, SiteSights>()
  /** Sites with named networks: there private addresses outside of them are not looked at. */
  readonly #named = new Set<string>()
  #size = 0
  /** Flows of addresses for which there was no room. */
  leftOut = 0

  /** `limit`: addresses kept over all sites. */
  constructor(limit: number, intervalMs: number) {
    this.#limit = limit
    this.#intervalMs = intervalMs
  }

  get size(): number {
    return this.#size
  }

  note(batch: FlowBatch): void {
    const devices = this.#devices(batch)
    if (!devices.includes(true)) return
    const site = batch.fields.site
    let sights = this.#sites.get(site)
    if (sights === undefined) {
      sights = { all: new Map(), recent: new Array<Sight | undefined>(RECENT).fill(undefined) }
      this.#sites.set(site, sights)
    }
    for (const isSrc of [true, false]) this.#noteSide(batch, isSrc, devices, sights)
  }

  /** What is to be told now, at most `most`; the same again until `told` says that it was. */
  due(nowMs: number, most: number): Sighting[] {
    const due: Sighting[] = []
    const isFull = this.#size >= this.#limit
    for (const sights of this.#sites.values())
      for (const sight of sights.all.values()) {
        const isWaiting = nowMs - sight.toldMs < this.#intervalMs
        if (sight.flows > 0 && !isWaiting && due.length < most) due.push(sightingOf(sight))
        else if (sight.flows === 0 && !isWaiting && isFull) this.#forget(sights, sight.key) // makes room for others
      }
    return due
  }

  /** The asset service has these. What came since they were due is kept. */
  told(sightings: readonly Sighting[], nowMs: number): void {
    for (const { site, ip, flows, bytes } of sightings) {
      const sight = this.#sites.get(site)?.all.get(keyOfText(ip)!)
      if (sight === undefined) continue
      sight.toldMs = nowMs
      sight.flows -= flows
      sight.bytes -= bytes
      sight.ports.clear()
      sight.peers.clear()
    }
  }

  #forget({ all, recent }: SiteSights, key: AddressKey): void {
    all.delete(key)
    recent[recentSlot(key)] = undefined
    this.#size--
  }

  /** By index of the dictionary of networks: are its addresses devices? */
  #devices(batch: FlowBatch): boolean[] {
    const names = batch.texts('net')
    const { site } = batch.fields
    if (names.some((name) => name !== PRIVATE && !NO_DEVICES.has(name))) this.#named.add(site)
    const isNamed = this.#named.has(site)
    return names.map((name) => (name === PRIVATE ? !isNamed : !NO_DEVICES.has(name)))
  }

  #noteSide(batch: FlowBatch, isSrc: boolean, devices: readonly boolean[], { all, recent }: SiteSights): void {
    const columns = columnsOf(batch, isSrc)
    if (columns === undefined) return
    const { network, address, bytes, first, last } = columns
    const { site } = batch.fields
    for (let i = 0; i < batch.length; i++) {
      if (devices[network[i]!] !== true) continue
      const key = keyAt(address, i)
      if (key === undefined) continue
      const slot = recentSlot(key)
      let sight = recent[slot]
      if (sight?.key !== key) {
        sight = all.get(key)
        if (sight === undefined) {
          if (this.#size >= this.#limit) {
            this.leftOut++
            continue
          }
          sight = newSight(site, key)
          all.set(key, sight)
          this.#size++
        }
        recent[slot] = sight
      }
      if (sight.flows === 0) {
        sight.firstMs = first[i]!
        sight.lastMs = last[i]!
      } else {
        if (first[i]! < sight.firstMs) sight.firstMs = first[i]!
        if (last[i]! > sight.lastMs) sight.lastMs = last[i]!
      }
      sight.flows++
      sight.bytes += bytes[i]!
      if (sight.flows <= LOOKED_AT) {
        lookCloser(sight, columns, batch, i)
        notePort(sight, columns, i, 1)
      } else if (sight.flows % ONE_IN === 0) notePort(sight, columns, i, ONE_IN)
    }
  }
}

interface SideColumns {
  readonly isSrc: boolean
  readonly network: Numbers
  readonly address: AddressView
  readonly peer: AddressView | undefined
  readonly peerName: Numbers
  readonly mac: Uint8Array | undefined
  readonly port: Numbers
  readonly peerPort: Numbers
  readonly protocol: Numbers
  readonly flags: Numbers
  readonly serviceSide: Numbers
  readonly revPackets: Numbers
  readonly bytes: Numbers
  readonly first: Float64Array
  readonly last: Float64Array
}

function columnsOf(batch: FlowBatch, isSrc: boolean): SideColumns | undefined {
  const address = batch.address(isSrc ? 'srcIp' : 'dstIp')
  if (address === undefined) return undefined
  return {
    isSrc,
    address,
    network: batch.numbers(isSrc ? 'srcNet' : 'dstNet'),
    peer: batch.address(isSrc ? 'dstIp' : 'srcIp'),
    peerName: batch.numbers(isSrc ? 'dstName' : 'srcName'),
    mac: batch.macs(isSrc ? 'srcMac' : 'dstMac'),
    port: batch.numbers(isSrc ? 'srcPort' : 'dstPort'),
    peerPort: batch.numbers(isSrc ? 'dstPort' : 'srcPort'),
    protocol: batch.numbers('protocol'),
    flags: batch.numbers('tcpFlags'),
    serviceSide: batch.numbers('serviceSide'),
    revPackets: batch.numbers('revPackets'),
    bytes: batch.numbers('bytes'),
    first: batch.times('first'),
    last: batch.times('last'),
  }
}

const newSight = (site: string, key: AddressKey): Sight => ({
  ...{ site, key, mac: 0, firstMs: 0, lastMs: 0, flows: 0, bytes: 0, toldMs: 0 },
  ports: new Map(),
  peers: new Map(),
})

function lookCloser(sight: Sight, { mac, peer, peerName }: SideColumns, batch: FlowBatch, i: number): void {
  if (mac !== undefined) {
    let value = 0
    for (let k = i * MAC_BYTES; k < (i + 1) * MAC_BYTES; k++) value = value * 256 + mac[k]!
    if (value !== 0) sight.mac = value
  }
  if (peer === undefined || sight.peers.size >= PEERS) return
  const key = keyAt(peer, i)
  if (key === undefined) return
  const name = batch.text('name', peerName[i]!) ?? ''
  if (name !== '' || !sight.peers.has(key)) sight.peers.set(key, name)
}

/**
 * A port that the address serves, or one of others that it uses, for so many flows. Served counts only what the address itself sent: that somebody knocks at
 * a port, or is refused there, does not make it served.
 */
function notePort(sight: Sight, columns: SideColumns, i: number, flows: number): void {
  const serves = columns.serviceSide[i]
  if (serves === SERVICE_SIDE.unknown) return
  const protocol = columns.protocol[i]!
  const isServer = serves === (columns.isSrc ? SERVICE_SIDE.source : SERVICE_SIDE.destination)
  if (isServer) {
    if (!columns.isSrc && columns.revPackets[i] === 0) return
    if (protocol === TCP && (columns.flags[i]! & (SYN | RST)) === RST) return
  } else if (!columns.isSrc) return // what a server sent to the port of a client
  const key = portKey(protocol, isServer ? columns.port[i]! : columns.peerPort[i]!, isServer)
  const hits = sight.ports.get(key)
  if (hits !== undefined) sight.ports.set(key, hits + flows)
  else if (sight.ports.size < PORTS) sight.ports.set(key, flows)
}

const portKey = (protocol: number, port: number, isServed: boolean): number =>
  (protocol << 17) | (port << 1) | (isServed ? 1 : 0)

function sightingOf({ site, key, mac, firstMs, lastMs, flows, bytes, ports, peers }: Sight): Sighting {
  return {
    ip: textOfKey(key),
    site,
    mac: mac === 0 ? null : formatMac(Uint8Array.from({ length: MAC_BYTES }, (_, k) => (mac / 256 ** (5 - k)) & 255)),
    firstMs: Math.max(0, Math.floor(firstMs)),
    lastMs: Math.max(0, Math.floor(lastMs)),
    flows,
    bytes,
    ports: [...ports].map(([packed, hits]) => ({
      protocol: packed >>> 17,
      port: (packed >>> 1) & 0xffff,
      side: (packed & 1) === 1 ? ('served' as const) : ('used' as const),
      hits,
    })),
    peers: [...peers].map(([peer, name]) => ({ ip: textOfKey(peer), name })),
  }
}
