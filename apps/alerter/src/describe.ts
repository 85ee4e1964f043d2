// Events → notices: the values that texts are filled with. In: an event, the zone of its times. Fails: never.
import type { AlertKind, AssetEvent, ExporterEvent, RuleMatchEvent } from '@netbehave/schema'
import { KINDS } from './kinds.ts'
import type { Notice } from './notice.ts'
import type { AlertEvent } from './read-event.ts'
import { canonicalAddress, formatSpan, formatTime, oneLine, shellWord } from './text.ts'

const UNKNOWN = 'not known'
const ASSET_KINDS: Partial<Record<AssetEvent['change'], AlertKind>> = {
  new: 'asset-new',
  mac: 'asset-mac',
  back: 'asset-back',
}

export interface DescribeOptions {
  readonly timeZone: string
  /** Is this the first device of a vendor? Asked once for each event; remembers. */
  readonly isNewVendor: (vendor: string) => boolean
}

/** Nothing, for what nobody is told of: an edit, for example. */
export function describe(event: AlertEvent, options: DescribeOptions): Notice[] {
  if (event.type === 'asset') return describeAsset(event.event, options)
  if (event.type === 'rule') return [describeRuleMatch(event, options.timeZone)]
  return [describeExporter(event.type, event.event, options.timeZone)]
}

function describeAsset(event: AssetEvent, { timeZone, isNewVendor }: DescribeOptions): Notice[] {
  const kind = ASSET_KINDS[event.change]
  if (kind === undefined) return []
  const notice = assetNotice(kind, event.id, event, timeZone)
  const { macRandom, vendor } = event.asset
  // A device that makes its MAC up has no vendor that it could be the first of.
  if (macRandom || vendor === '' || !isNewVendor(vendor)) return [notice]
  return [notice, assetNotice('vendor-new', `${event.id}/vendor`, event, timeZone)]
}

function assetNotice(kind: AlertKind, id: string, event: AssetEvent, timeZone: string): Notice {
  const { asset, atMs, beforeMac, absentMs, peers } = event
  const vendor = asset.macRandom ? 'a random MAC' : asset.vendor || 'vendor not known'
  return {
    id,
    kind,
    severity: KINDS[kind].severity,
    site: asset.site,
    atMs,
    scope: '',
    about: { target: 'asset', value: canonicalAddress(asset.ip) },
    facts: oneLiners({
      address: asset.ip,
      device: [asset.name || asset.hostname, asset.ip].filter((text) => text !== '').join(', '),
      site: asset.site,
      mac: describeMac(asset.mac, asset.macRandom),
      vendor,
      hostname: asset.hostname,
      name: asset.name,
      owner: asset.owner,
      type: asset.type,
      note: asset.note,
      peers: peers.map(({ ip, name }) => (name === '' ? ip : `${name} (${ip})`)).join(', ') || 'nobody yet',
      time: formatTime(atMs, timeZone),
      first: formatTime(asset.firstMs, timeZone),
      last: formatTime(asset.lastMs, timeZone),
      beforeMac: beforeMac ?? UNKNOWN,
      absent: absentMs === null ? UNKNOWN : formatSpan(absentMs),
      mute: `netbehave alerts mute asset ${asset.ip}`,
    }),
  }
}

const describeMac = (mac: string | null, isRandom: boolean): string =>
  mac === null ? UNKNOWN : isRandom ? `${mac} (random: made up by the device)` : mac

function describeRuleMatch({ id, event, batch }: AlertEvent & { type: 'rule' }, timeZone: string): Notice {
  const { rule, severity, note, site, source, count, first, minuteMs, alert } = event
  return {
    id,
    kind: 'rule-match',
    severity,
    site,
    atMs: minuteMs,
    scope: rule.slice(0, 255),
    about: { target: 'rule', value: rule.slice(0, 255) },
    flow: batch,
    channels: alert,
    facts: oneLiners({
      ...{ rule, severity, site, source },
      note: note ?? 'none',
      ...describeFlow(first),
      count: String(count),
      time: formatTime(minuteMs, timeZone),
      mute: `netbehave alerts mute rule ${shellWord(oneLine(rule))}`,
    }),
  }
}

const describeFlow = (flow: RuleMatchEvent['first']) => ({
  sourceName: flow.srcAsset || flow.srcName || UNKNOWN,
  destination: flow.dstIp,
  destinationName: flow.dstAsset || flow.dstName || UNKNOWN,
  port: String(flow.dstPort),
  protocol: PROTOCOLS[flow.protocol] ?? String(flow.protocol),
  service: flow.service || 'service not known',
  bytes: String(flow.bytes),
})

const PROTOCOLS: Readonly<Record<number, string>> = { 1: 'ICMP', 6: 'TCP', 17: 'UDP', 58: 'ICMPv6' }

function describeExporter(type: 'silent' | 'back', event: ExporterEvent, timeZone: string): Notice {
  const kind = type === 'silent' ? 'exporter-silent' : 'exporter-back'
  const { id, site, exporter, atMs, lastSeenMs } = event
  return {
    id,
    kind,
    severity: KINDS[kind].severity,
    site,
    atMs,
    scope: '',
    about: { target: 'exporter', value: canonicalAddress(exporter) },
    facts: oneLiners({
      ...{ exporter, site },
      last: formatTime(lastSeenMs, timeZone),
      absent: formatSpan(Math.max(0, atMs - lastSeenMs)),
      time: formatTime(atMs, timeZone),
      mute: `netbehave alerts mute exporter ${shellWord(oneLine(exporter))}`,
    }),
  }
}

/** Every value as one bounded line; what is empty says so. */
const oneLiners = (facts: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, oneLine(value) || UNKNOWN]))
