// Options records → what they teach about their exporter: sampling rates, interface names, statistics. Never rows.
// RFC 3954 §6, RFC 7011 §3.4.2, RFC 5476 §6.5.2 (selectors), Cisco's sampler and interface tables.
import { u16, uint } from './bytes.ts'
import type { DatagramContext } from './datagram-context.ts'
import type { Domain, ExporterStatistics } from './exporter-state.ts'
import type { ExporterStore } from './exporter-store.ts'
import { IE } from './information-elements.ts'
import { asRate, rateOfPopulation, rateOfSpace } from './store-sampling.ts'
import { type Field, IPFIX, VARIABLE_LENGTH } from './template.ts'

/** Length of an interface's name or description, in bytes, at most. */
const MAX_NAME_BYTES = 128
/** NetFlow 9 scope type "Interface" (RFC 3954 §6.1). */
const SCOPE_INTERFACE = 2

/** What one record says; -1 and empty where it says nothing. Reused. */
const told = {
  rate: 0,
  selected: 0,
  space: 0,
  size: 0,
  population: 0,
  sampler: -1,
  interface: -1,
  scopeInterface: -1,
  name: '',
  description: '',
  systemInitMs: 0,
  statistics: false,
}
const statistics: ExporterStatistics = {
  exportedOctets: 0,
  exportedMessages: 0,
  exportedFlows: 0,
  ignoredPackets: 0,
  notSentFlows: 0,
  notSentPackets: 0,
  notSentOctets: 0,
}

/** Reads the records from `at` to `end`; returns the offset after the last whole one. */
export function readOptions(
  context: DatagramContext,
  store: ExporterStore,
  fields: readonly Field[],
  bytes: Uint8Array,
  at: number,
  end: number,
): number {
  const { domain, result } = context
  const ipfix = domain.version === IPFIX
  const minBytes = smallestRecord(fields)
  while (end - at >= minBytes) {
    if (context.optionsLeft === 0) {
      context.count('datagram-limit')
      break
    }
    const next = readRecord(fields, ipfix, bytes, at, end)
    if (next < 0) {
      context.count('variable-length')
      break
    }
    context.optionsLeft--
    context.records++
    result.optionsRecords++
    domain.optionsRecords++
    learn(context, store)
    at = next
  }
  return at
}

function smallestRecord(fields: readonly Field[]): number {
  let bytes = 0
  for (const { length } of fields) bytes += length === VARIABLE_LENGTH ? 1 : length
  return bytes
}

/** Fills in `told` from one record; the offset after it, or -1 when it runs past `end`. */
function readRecord(fields: readonly Field[], ipfix: boolean, bytes: Uint8Array, at: number, end: number): number {
  told.rate = told.selected = told.space = told.size = told.population = told.systemInitMs = 0
  told.sampler = told.interface = told.scopeInterface = -1
  told.name = told.description = ''
  told.statistics = false
  for (const field of fields) {
    let length = field.length
    if (length === VARIABLE_LENGTH) {
      if (end - at < 1) return -1
      length = bytes[at++]!
      if (length === 255) {
        if (end - at < 2) return -1
        length = u16(bytes, at)
        at += 2
      }
    }
    if (end - at < length) return -1
    if (length > 0 && field.pen === 0) readField(field, ipfix, bytes, at, length)
    at += length
  }
  return at
}

function readField(field: Field, ipfix: boolean, bytes: Uint8Array, at: number, length: number): void {
  if (field.id === IE.interfaceName || field.id === IE.interfaceDescription) {
    if (field.scope && !ipfix) return
    if (field.id === IE.interfaceName) told.name ||= readText(bytes, at, length)
    else told.description ||= readText(bytes, at, length)
    return
  }
  if (length > 8) return
  const value = uint(bytes, at, length)
  if (field.scope && !ipfix) {
    if (field.id === SCOPE_INTERFACE) told.scopeInterface = value
    return
  }
  switch (field.id) {
    case IE.samplingInterval:
    case IE.samplerRandomInterval:
      told.rate ||= value
      break
    case IE.samplingPacketInterval:
      told.selected ||= value
      break
    case IE.samplingPacketSpace:
      told.space ||= value
      break
    case IE.samplingSize:
      told.size ||= value
      break
    case IE.samplingPopulation:
      told.population ||= value
      break
    case IE.samplerId:
    case IE.selectorId:
      if (told.sampler < 0) told.sampler = value
      break
    case IE.interface:
    case IE.egressInterface:
      if (field.scope && told.scopeInterface < 0) told.scopeInterface = value
      if (told.interface < 0) told.interface = value
      break
    case IE.systemInitMs:
      told.systemInitMs ||= value
      break
    default:
      readStatistic(field.id, value)
  }
}

function readStatistic(id: number, value: number): void {
  const name = STATISTICS.get(id)
  if (name === undefined) return
  if (!told.statistics) for (const key of STATISTICS.values()) statistics[key] = -1
  told.statistics = true
  statistics[name] = value
}

const STATISTICS = new Map<number, keyof ExporterStatistics>([
  [IE.exportedOctets, 'exportedOctets'],
  [IE.exportedMessages, 'exportedMessages'],
  [IE.exportedFlows, 'exportedFlows'],
  [IE.ignoredPackets, 'ignoredPackets'],
  [IE.notSentFlows, 'notSentFlows'],
  [IE.notSentPackets, 'notSentPackets'],
  [IE.notSentOctets, 'notSentOctets'],
])

const utf8 = new TextDecoder()

/** Text up to its first NUL, without control characters. */
function readText(bytes: Uint8Array, at: number, length: number): string {
  let end = at
  const limit = at + Math.min(length, MAX_NAME_BYTES)
  while (end < limit && bytes[end] !== 0) end++
  return utf8
    .decode(bytes.subarray(at, end))
    .replace(/\p{Cc}/gu, '')
    .trim()
}

function learn(context: DatagramContext, store: ExporterStore): void {
  const { domain } = context
  const rate =
    asRate(told.rate) || rateOfSpace(told.selected, told.space) || rateOfPopulation(told.size, told.population)
  if (rate > 0) learnRate(store, domain, rate)
  const index = told.interface >= 0 ? told.interface : told.scopeInterface
  if (index >= 0 && (told.name !== '' || told.description !== '')) learnInterface(store, domain, index)
  if (told.systemInitMs > 0 && told.systemInitMs !== domain.systemInitMs) {
    domain.systemInitMs = told.systemInitMs
    store.version++
    if (domain.version === IPFIX) context.run.uptimeMs = uptimeSince(told.systemInitMs, context.run.headerMs)
  }
  if (told.statistics) {
    domain.statistics ??= { ...NO_STATISTICS }
    for (const key of STATISTICS.values()) if (statistics[key] >= 0) domain.statistics[key] = statistics[key]
  }
}

const NO_STATISTICS: Readonly<ExporterStatistics> = {
  exportedOctets: 0,
  exportedMessages: 0,
  exportedFlows: 0,
  ignoredPackets: 0,
  notSentFlows: 0,
  notSentPackets: 0,
  notSentOctets: 0,
}

/**
 * How far an exporter's start may lie after its export: the header tells whole seconds, of a clock that may lag some ms behind the one that the
 * start was read from (`time` of glibc does), or was set back since. The time of a flow is counted from the start, so it is right all the same.
 */
const START_AFTER_EXPORT_MS = 10_000

/** ms modulo 2^32 from the exporter's start to the export; -1 when the start is not told or lies well after it. */
export function uptimeSince(systemInitMs: number, headerMs: number): number {
  return systemInitMs > 0 && systemInitMs < headerMs + START_AFTER_EXPORT_MS
    ? (headerMs - systemInitMs + 4_294_967_296) % 4_294_967_296
    : -1
}

/** A rate belongs to a sampler or selector, else to an interface, else to the whole domain. */
function learnRate(store: ExporterStore, domain: Domain, rate: number): void {
  if (told.sampler >= 0) {
    domain.samplers ??= new Map()
    if (!put(store, domain, domain.samplers, told.sampler, rate)) return
  } else if (told.scopeInterface > 0) {
    domain.ratesByInterface ??= new Map()
    if (!put(store, domain, domain.ratesByInterface, told.scopeInterface, rate)) return
  } else if (domain.toldRate !== rate) {
    domain.toldRate = rate
    store.version++
  }
  chooseDefaultRate(domain)
}

function put(store: ExporterStore, domain: Domain, rates: Map<number, number>, id: number, rate: number): boolean {
  const known = rates.get(id)
  if (known === rate) return false
  if (known === undefined && !store.learn(domain)) return false
  rates.set(id, rate)
  store.version++
  return true
}

/** Records that name no sampler: the rate told for all, else the only sampler's. */
export function chooseDefaultRate(domain: Domain): void {
  if (domain.toldRate > 0) domain.defaultRate = domain.toldRate
  else domain.defaultRate = domain.samplers?.size === 1 ? domain.samplers.values().next().value! : 1
}

function learnInterface(store: ExporterStore, domain: Domain, index: number): void {
  domain.interfaces ??= new Map()
  const known = domain.interfaces.get(index)
  const name = told.name || known?.name || ''
  const description = told.description || known?.description || ''
  if (known && known.name === name && known.description === description) return
  if (!known && !store.learn(domain)) return
  domain.interfaces.set(index, { name, description })
  store.version++
}
