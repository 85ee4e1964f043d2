// Step enrich: what a flow does not carry itself. Service, name and holder of external addresses, name and asset of local ones. What the
// caches lack is asked for, all of a batch together; the batch waits a limited time and goes on without. Fails: never.
import type { AddressView, ColumnMap, FlowBatch, Numbers } from '@netbehave/schema'
import { type CacheLabels, NOT_ASKED } from './address-cache.ts'
import { type AddressKey, keyAt } from './address-key.ts'
import { type LabelColumn, type LabelColumns, NO_LABEL } from './label.ts'
import type { LookUps, SiteLookUps } from './look-ups.ts'
import { NO_ADDRESS, UNKNOWN } from './recent-addresses.ts'

/** The batch with more columns. Most are ready at once; one with unknown addresses waits. */
export type Enrich = (batch: FlowBatch) => FlowBatch | Promise<FlowBatch>

export interface EnrichCounters {
  /** Sides of flows looked for in the caches, and those for which something was not there. */
  sides: number
  misses: number
  /** Sides of flows that got a name. */
  named: number
}

export interface EnrichNeighbours {
  readonly nameServices: (batch: FlowBatch) => FlowBatch
  readonly lookUps: LookUps
  /** Holders for all external addresses, or only for those without a name. */
  readonly holders: 'always' | 'unnamed'
  readonly counters: EnrichCounters
  readonly now: () => number
}

/** What a network means here. */
const NETWORK = { local: 0, external: 1, nobody: 2 } as const
const NETWORKS: Readonly<Record<string, number>> = {
  '': NETWORK.external, // a collector that names no networks
  external: NETWORK.external,
  multicast: NETWORK.nobody,
  broadcast: NETWORK.nobody,
}

/** One batch while it is being worked on. */
interface Work {
  readonly batch: FlowBatch
  readonly site: SiteLookUps
  /** Who may be asked now. */
  readonly asks: { readonly names: boolean; readonly assets: boolean; readonly holders: boolean }
  readonly networks: readonly number[]
  readonly firstMs: Float64Array
  readonly labels: CacheLabels
  readonly names: LabelColumns
  readonly orgs: LabelColumns
  readonly assets: LabelColumns
  readonly srcHow: Uint8Array
  readonly dstHow: Uint8Array
}

interface Side {
  readonly address: AddressView
  readonly network: Numbers
  readonly peer: AddressView | undefined
  readonly peerNetwork: Numbers
  readonly names: LabelColumn
  readonly orgs: LabelColumn
  readonly assets: LabelColumn
  readonly how: Uint8Array
}

export function createEnrich({ nameServices, lookUps, holders, counters, now }: EnrichNeighbours): Enrich {
  function begin(batch: FlowBatch): Work {
    const n = batch.length
    const site = lookUps.of(batch.fields.site)
    const { labels } = site.cache
    return {
      batch,
      site,
      asks: { names: site.names.isOpen, assets: site.assets.isOpen, holders: site.holders.isOpen },
      networks: batch.texts('net').map((name) => NETWORKS[name] ?? NETWORK.local),
      firstMs: batch.times('first'),
      labels,
      names: labels.names.columns(n),
      orgs: labels.orgs.columns(n),
      assets: labels.assets.columns(n),
      srcHow: new Uint8Array(n),
      dstHow: new Uint8Array(n),
    }
  }

  /**
   * Fills the rows of a side from the cache, all where `rows` is not given. Returns those for which something is missing that was put on the
   * next request.
   */
  function fill({ batch, networks, site, asks, firstMs }: Work, side: Side, rows?: readonly number[]): number[] {
    const { address, network, names, orgs, assets, how } = side
    const { cache } = site
    const slots = cache.slotsOf(address)
    const nowS = Math.floor(now() / 1000)
    const missing: number[] = []
    let named = 0
    const count = rows?.length ?? batch.length
    for (let at = 0; at < count; at++) {
      const i = rows === undefined ? at : rows[at]!
      const kind = networks[network[i]!]!
      const slot = slots[i]!
      if (kind === NETWORK.nobody || slot === NO_ADDRESS) continue
      const isLocal = kind === NETWORK.local
      let isMissing = false
      const name = slot === UNKNOWN ? NOT_ASKED : cache.nameOf(slot, clientAt(networks, side, i), firstMs, i)
      if (name > NO_LABEL) {
        names.set(i, name)
        // A row that waited for something else comes here twice.
        if (how[i] === 0) named++
        how[i] = cache.how
      } else if (name === NOT_ASKED && asks.names) {
        site.names.want(keyAt(address, i)!)
        isMissing = true
      }
      // Without a name yet it is not known whether the holder is wanted.
      if (isLocal || holders === 'always' || (name <= NO_LABEL && !isMissing)) {
        const owner = slot === UNKNOWN ? NOT_ASKED : cache.ownerOf(slot, nowS)
        if (owner > NO_LABEL) (isLocal ? assets : orgs).set(i, owner)
        else if (owner === NOT_ASKED && (isLocal ? asks.assets : asks.holders)) {
          const asked = isLocal ? site.assets : site.holders
          asked.want(keyAt(address, i)!)
          isMissing = true
        }
      }
      if (isMissing) missing.push(i)
    }
    counters.named += named
    return missing
  }

  async function complete(work: Work, sides: readonly Side[], missing: readonly number[][]): Promise<FlowBatch> {
    const { site } = work
    await Promise.all([site.names.settle(), site.assets.settle(), site.holders.settle()])
    // Only now it is known which addresses have no name: their holders are asked for, for the batches that follow.
    const asks = { names: false, assets: false, holders: holders === 'unnamed' && site.holders.isOpen }
    if (site.cache.labels === work.labels) {
      for (const [at, side] of sides.entries()) fill({ ...work, asks }, side, missing[at]!)
      return finish(work)
    }
    // The texts were forgotten meanwhile: what the rows point to is of before.
    const anew = { ...begin(work.batch), asks }
    for (const side of sidesOf(anew)) fill(anew, side)
    return finish(anew)
  }

  return (raw) => {
    const batch = nameServices(raw)
    const work = begin(batch)
    const sides = sidesOf(work)
    const missing = sides.map((side) => fill(work, side))
    counters.sides += sides.length * batch.length
    for (const rows of missing) counters.misses += rows.length
    return missing.every((rows) => rows.length === 0) ? finish(work) : complete(work, sides, missing)
  }
}

/** Who asked for the address of this side: the other side, when it is one of ours. */
function clientAt(networks: readonly number[], { peer, peerNetwork }: Side, i: number): AddressKey | undefined {
  return peer !== undefined && networks[peerNetwork[i]!] === NETWORK.local ? keyAt(peer, i) : undefined
}

function sidesOf({ batch, names, orgs, assets, srcHow, dstHow }: Work): Side[] {
  const src = batch.address('srcIp')
  const dst = batch.address('dstIp')
  const [srcNetwork, dstNetwork] = [batch.numbers('srcNet'), batch.numbers('dstNet')]
  const sides: Side[] = []
  if (src !== undefined) {
    const columns = { names: names.src, orgs: orgs.src, assets: assets.src, how: srcHow }
    sides.push({ address: src, network: srcNetwork, peer: dst, peerNetwork: dstNetwork, ...columns })
  }
  if (dst !== undefined) {
    const columns = { names: names.dst, orgs: orgs.dst, assets: assets.dst, how: dstHow }
    sides.push({ address: dst, network: dstNetwork, peer: src, peerNetwork: srcNetwork, ...columns })
  }
  return sides
}

/** The batch with the columns that got a value; those of the same kind that it came with are not ours and go. */
function finish({ batch, names, orgs, assets, srcHow, dstHow }: Work): FlowBatch {
  const cols: ColumnMap = {}
  const pairs = [
    ['srcName', 'dstName', names],
    ['srcOrg', 'dstOrg', orgs],
    ['srcAsset', 'dstAsset', assets],
  ] as const
  for (const [src, dst, labels] of pairs) {
    if (labels.src.hasAny || batch.has(src)) cols[src] = labels.src.hasAny ? labels.data(labels.src) : 0
    if (labels.dst.hasAny || batch.has(dst)) cols[dst] = labels.dst.hasAny ? labels.data(labels.dst) : 0
  }
  if (cols.srcName !== undefined) cols.srcNameHow = srcHow
  if (cols.dstName !== undefined) cols.dstNameHow = dstHow
  if (Object.keys(cols).length === 0) return batch
  return batch.with(cols, { name: names.dictionary(), org: orgs.dictionary(), asset: assets.dictionary() })
}
