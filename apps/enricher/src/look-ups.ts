// All look-ups of the enricher, by site: the addresses of clients repeat from site to site.
// In: replies of the services, events. Fails: never; what is not known is left out.
import { ask, type Broker } from '@netbehave/broker'
import { AssetEvent, DNS_RUNS, DnsReplyEvent, IPAM_LABELS, WHOIS_LOOKUP } from '@netbehave/schema'
import type { LimitedLog } from '@netbehave/service'
import { AddressCache } from './address-cache.ts'
import { type AddressKey, textOfKey } from './address-key.ts'
import type { EnricherConfig } from './config.ts'
import { LookUp, type LookUpCounters } from './look-up.ts'

/** What is known of the addresses of one site, and who is asked for more. */
export interface SiteLookUps {
  readonly cache: AddressCache
  readonly names: LookUp
  readonly assets: LookUp
  readonly holders: LookUp
}

/** Services that are asked, as in the metrics. */
export const LOOK_UP_SERVICES = ['dns', 'ipam', 'whois'] as const
export type LookUpService = (typeof LOOK_UP_SERVICES)[number]

export interface LookUps extends Disposable {
  of(site: string): SiteLookUps
  /** Counters of a service, over all sites. */
  counters(service: LookUpService): LookUpCounters
  /** Addresses and names in memory, over all sites. */
  size(): number
  evicted(): number
  resets(): number
}

export type LookUpsConfig = Pick<EnricherConfig, 'lookUpWaitMs' | 'addressCache' | 'nameSkewMs'>

/** Sites whose names are kept; beyond it the oldest goes. */
const MAX_SITES = 256
/** A request goes on when the batch no longer waits, so that the next one finds its names. */
const ASK_TIMEOUT_MS = 2_000
/** Whois says that it is off: not asked for so long. */
const OFF_REST_MS = 60_000

export function createLookUps(
  broker: Broker,
  config: LookUpsConfig,
  limitedLog: LimitedLog,
  now: () => number,
): LookUps {
  const sites = new Map<string, SiteLookUps>()
  let reconnects = broker.counters.reconnects
  const timeout = { timeoutMs: ASK_TIMEOUT_MS }
  const lookUp = (service: LookUpService, askFor: (keys: readonly AddressKey[]) => Promise<void>) =>
    new LookUp({ service, ask: askFor, waitMs: config.lookUpWaitMs, now, limitedLog })

  function open(site: string): SiteLookUps {
    const cache = new AddressCache(site, config.addressCache, config.nameSkewMs)
    const names = lookUp('dns', async (keys) => {
      cache.expectNames(keys)
      const asking = ask(broker, DNS_RUNS, { site, addresses: keys.map(textOfKey) }, timeout)
      cache.putNames(keys, await asking.catch(() => undefined))
      await asking
    })
    const assets = lookUp('ipam', async (keys) => {
      const reply = await ask(broker, IPAM_LABELS, { site, addresses: keys.map(textOfKey) }, timeout)
      cache.putAssets(keys, reply.labels, now())
    })
    const holders = lookUp('whois', async (keys) => {
      const reply = await ask(broker, WHOIS_LOOKUP, { addresses: keys.map(textOfKey) }, timeout)
      if (cache.putHolders(keys, reply, now())) holders.rest(OFF_REST_MS)
    })
    return { cache, names, assets, holders }
  }

  const dnsReplies = broker.subscribe('events.dns.reply', (bytes) => {
    const event = DnsReplyEvent.safeParse(readJson(bytes))
    if (event.success) for (const { cache } of sites.values()) cache.noteNames(event.data)
    else limitedLog('dns-reply', { step: 'enrich' }, 'a message on events.dns.reply does not fit its contract: ignored')
  })
  const assetEvents = broker.subscribe('events.asset.>', (bytes) => {
    const event = AssetEvent.safeParse(readJson(bytes))
    if (event.success) sites.get(event.data.asset.site)?.cache.noteAsset(event.data, now())
    else limitedLog('asset-event', { step: 'enrich' }, 'a message on events.asset does not fit its contract: ignored')
  })

  return {
    of(site) {
      if (broker.counters.reconnects !== reconnects) {
        reconnects = broker.counters.reconnects
        for (const { cache } of sites.values()) cache.clear() // events were missed
      }
      let known = sites.get(site)
      if (known === undefined) {
        if (sites.size >= MAX_SITES) sites.delete(sites.keys().next().value!)
        known = open(site)
        sites.set(site, known)
      }
      return known
    },
    counters(service) {
      const sum: LookUpCounters = { requests: 0, asked: 0, faults: 0, leftOut: 0, waits: 0, waitedMs: 0, late: 0 }
      for (const site of sites.values()) {
        const { counters } = service === 'dns' ? site.names : service === 'ipam' ? site.assets : site.holders
        for (const name of Object.keys(sum) as (keyof LookUpCounters)[]) sum[name] += counters[name]
      }
      return sum
    },
    size: () => sumOf(sites, ({ cache }) => cache.size),
    evicted: () => sumOf(sites, ({ cache }) => cache.evicted),
    resets: () => sumOf(sites, ({ cache }) => cache.resets),
    [Symbol.dispose]() {
      dnsReplies[Symbol.dispose]()
      assetEvents[Symbol.dispose]()
    },
  }
}

const sumOf = (sites: ReadonlyMap<string, SiteLookUps>, read: (site: SiteLookUps) => number): number =>
  [...sites.values()].reduce((sum, site) => sum + read(site), 0)

function readJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined // fits no contract, and is told so
  }
}
