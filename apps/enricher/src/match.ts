// Step match: the first rule that matches names the flow, in column `rule`. In: an enriched batch. Out: the batch with the column,
// and events of rules that alert. A batch in which no such rule matched pays nothing for alerts. Fails: never.
import { compileRules, print } from '@netbehave/filter'
import type { Rule } from '@netbehave/filter/rules'
import {
  type AddressView,
  type ColumnData,
  Dictionary,
  type FlowBatch,
  formatIpv4,
  formatIpv6,
  IPV6_BYTES,
  isMappedIpv4,
  mappedIpv4,
  type RuleMatchEvent,
  type RuleReport,
} from '@netbehave/schema'
import type { AlertTable } from './alert-table.ts'

/** Rules that the stats report and the metrics have room for. */
export const REPORTED_RULES = 500
/** UTF-16 units of their filters together that the stats report has room for, far below the broker's 1 MiB a message. */
export const REPORTED_FILTERS_LENGTH = 192 * 1024

export interface Matched {
  readonly batch: FlowBatch
  readonly events: readonly RuleMatchEvent[]
}

export interface Match {
  /** `redelivered`: delivered before, so its matches may have been counted. */
  match(batch: FlowBatch, redelivered: boolean, nowMs: number): Matched
  /** Puts these rules in place of the ones before. A rule that stays the same keeps its hits. */
  setRules(rules: readonly Rule[]): void
  readonly rules: readonly Rule[]
  /** Flows that no rule named. */
  readonly unmatched: number
  /** The first REPORTED_RULES rules with their hits. */
  report(): RuleReport[]
  /** Hits by name; rules of one name together, those beyond REPORTED_RULES names as `(other)`. */
  hitsByName(): Map<string, number>
}

const NO_EVENTS: readonly RuleMatchEvent[] = []

export function createMatch(alerts: AlertTable): Match {
  let rules: readonly Rule[] = []
  let compiled = compileRules([])
  /** Of the batch at hand, by 1 + position of the rule; 0: no rule. */
  let counts = new Uint32Array(1)
  /** Dictionary index of the rule's name in the batch at hand. */
  let indices = new Uint16Array(1)
  let hits = new Float64Array(1)
  let lastMs = new Float64Array(1)
  let shown: readonly ShownRule[] = []

  function match(raw: FlowBatch, redelivered: boolean, nowMs: number): Matched {
    // Only this step names rules; what a batch brings along is not ours.
    const batch = raw.has('rule') ? raw.with({ rule: 0 }, { rule: [''] }) : raw
    const first = compiled.bind(batch)
    const n = first.length
    counts.fill(0)
    for (let i = 0; i < n; i++) counts[first[i]!]!++
    const names = new Dictionary()
    let isAlert = false
    for (let at = 0; at < counts.length; at++) {
      const count = counts[at]!
      if (count === 0) continue
      hits[at]! += count
      lastMs[at] = batch.fields.received
      if (at === 0) continue
      const rule = rules[at - 1]!
      indices[at] = names.add(rule.name)
      if (rule.alert.length > 0) isAlert = true
    }
    if (names.size === 1) return { batch, events: NO_EVENTS }
    const named = batch.with({ rule: toColumn(first, indices, names.size) }, { rule: names.entries() })
    return { batch: named, events: isAlert ? alert(named, first, redelivered, nowMs) : NO_EVENTS }
  }

  function alert(batch: FlowBatch, first: Uint16Array, redelivered: boolean, nowMs: number): RuleMatchEvent[] {
    const { site, received } = batch.fields
    const events: RuleMatchEvent[] = []
    for (const { rule, source, row, count } of countSources(batch, first, rules, indices).values()) {
      const { name, severity, alert: channels, note } = rule
      const pair = { rule: name, severity, alert: [...channels], ...(note !== undefined && { note }), site, source }
      const matches = { pair, count, first: () => batch.row(row), receivedMs: received, redelivered }
      const event = alerts.add(matches, nowMs)
      if (event) events.push(event)
    }
    return events
  }

  return {
    match,
    setRules(next) {
      const before = new Map(rules.map((rule, i) => [keyOf(rule), i + 1]))
      const [oldHits, oldLast] = [hits, lastMs]
      rules = next
      shown = showRules(next)
      compiled = compileRules(next.map(({ filter }) => filter))
      counts = new Uint32Array(next.length + 1)
      indices = new Uint16Array(next.length + 1)
      hits = new Float64Array(next.length + 1)
      lastMs = new Float64Array(next.length + 1)
      hits[0] = oldHits[0]!
      next.forEach((rule, i) => {
        const was = before.get(keyOf(rule))
        if (was === undefined) return
        hits[i + 1] = oldHits[was]!
        lastMs[i + 1] = oldLast[was]!
      })
    },
    get rules() {
      return rules
    },
    get unmatched() {
      return hits[0]!
    },
    report: () => shown.map((rule, i) => ({ ...rule, hits: hits[i + 1]!, lastMs: lastMs[i + 1]! || null })),
    hitsByName() {
      const byName = new Map<string, number>()
      rules.forEach(({ name }, i) => {
        const label = byName.has(name) || byName.size < REPORTED_RULES ? name : '(other)'
        byName.set(label, (byName.get(label) ?? 0) + hits[i + 1]!)
      })
      return byName
    },
  }
}

type ShownRule = Omit<RuleReport, 'hits' | 'lastMs'>

/** What a report says of the first rules; a filter for which there is no room is left out. */
function showRules(rules: readonly Rule[]): ShownRule[] {
  let left = REPORTED_FILTERS_LENGTH
  return rules.slice(0, REPORTED_RULES).map(({ name, file, line, filter, alert }) => {
    const text = print(filter)
    const match = text.length <= left ? text : null
    left -= match?.length ?? 0
    return { name, file, line, match, alert: [...alert] }
  })
}

/** What makes a rule the same after a reload; its line may change. */
const keyOf = ({ name, filter }: Rule): string => `${name}\0${print(filter)}`

/** Index of each flow's name, in the narrowest form. */
function toColumn(first: Uint16Array, indices: Uint16Array, size: number): ColumnData {
  const n = first.length
  if (size === 2) {
    const one = indices[first[0]!]!
    let differ = 0
    for (let i = 1; i < n; i++) differ |= indices[first[i]!]! ^ one
    if (differ === 0 && first[0] !== 0) return one
  }
  if (size <= 256) {
    const column = new Uint8Array(n)
    for (let i = 0; i < n; i++) column[i] = indices[first[i]!]!
    return column
  }
  const column = new Uint16Array(n)
  for (let i = 0; i < n; i++) column[i] = indices[first[i]!]!
  return column
}

interface SourceMatches {
  readonly rule: Rule
  readonly source: string
  /** The first flow. */
  readonly row: number
  count: number
}

/** Flows named by a rule that alerts, by name of the rule and source address. */
function countSources(
  batch: FlowBatch,
  first: Uint16Array,
  rules: readonly Rule[],
  indices: Uint16Array,
): Map<number | string, SourceMatches> {
  const addresses = batch.address('srcIp')
  const sources = new Map<number | string, SourceMatches>()
  for (let i = 0; i < first.length; i++) {
    const at = first[i]!
    if (at === 0) continue
    const rule = rules[at - 1]!
    if (rule.alert.length === 0) continue
    const source = addressAt(addresses, i)
    const key = typeof source === 'number' ? indices[at]! * 2 ** 32 + source : `${indices[at]} ${source}`
    const known = sources.get(key)
    if (known) known.count++
    else {
      const text = typeof source === 'number' ? formatIpv4(source) : source
      sources.set(key, { rule, source: text, row: i, count: 1 })
    }
  }
  return sources
}

/** IPv4 as an integer, IPv6 as text. */
function addressAt(addresses: AddressView | undefined, i: number): number | string {
  if (!addresses) return 0
  if (addresses.v4) return addresses.v4[i]!
  const at = i * IPV6_BYTES
  return isMappedIpv4(addresses.v6, at) ? mappedIpv4(addresses.v6, at) : formatIpv6(addresses.v6, at)
}
