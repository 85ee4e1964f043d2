// Fields of a template → a flat program: one operation for each field that has a place in a flow. No code is generated; the
// loops that carry operations out are in store-*.ts.
import type { AddressRows, ColumnName, FlowBatchBuilder } from '@netbehave/schema'
import { type Element, type ElementKind, elementFor, FIREWALL_EVENT_ELEMENTS } from './information-elements.ts'
import type { Op, Store, UptimeClock } from './operation.ts'
import {
  storeCount32,
  storeCount64,
  storeDscp,
  storeIcmp,
  storeIcmpType,
  storeMac,
  storeU8,
  storeU16,
  storeU32,
  storeU32From16,
  storeUint,
  storeV4,
  storeV4WhereEmpty,
  storeV6,
} from './store-numbers.ts'
import { pairOps } from './store-pairs.ts'
import { storeRate, storeSampler, storeSelectedSpace, storeSizePopulation } from './store-sampling.ts'
import {
  storeDeltaUs,
  storeDurationMs,
  storeDurationUs,
  storeMs,
  storeNtp,
  storeSeconds,
  storeUptime,
} from './store-times.ts'
import { type Field, VARIABLE_LENGTH } from './template.ts'

export interface Program {
  readonly ops: readonly Op[]
  /** Bytes of one record; 0 when fields of variable length are among them. */
  readonly stride: number
  /** Smallest record: a variable-length field takes at least its length byte. */
  readonly minBytes: number
  /** Lengths of the fields in order; 65535 is variable. Only where `stride` is 0. */
  readonly lengths: Uint16Array
  /** Every operation, also those that only tell the clock of others: what has offsets in a record. */
  readonly located: readonly Op[]
  /** Does the record itself say how it was sampled? */
  readonly sampling: boolean
  /** Columns that get values. */
  readonly columns: readonly ColumnName[]
  /** The builder whose arrays the operations hold, and its generation in which the columns were touched. */
  builder: FlowBatchBuilder | undefined
  generation: number
}

interface Candidate {
  readonly element: Element
  readonly field: Field
  readonly index: number
  readonly offset: number
}

/** Compiles a data template. Fields of the wrong size for their element are skipped by their length, like unknown ones. */
export function compileTemplate(fields: readonly Field[]): Program {
  const byKind = new Map<string, Candidate>()
  let offset = 0
  let minBytes = 0
  let variable = false
  const lengths = new Uint16Array(fields.length)
  const portsAreIdentifiers = fields.some((field) => field.pen === 0 && FIREWALL_EVENT_ELEMENTS.has(field.id))
  for (const [index, field] of fields.entries()) {
    lengths[index] = field.length
    const isVariable = field.length === VARIABLE_LENGTH
    if (isVariable) variable = true
    else consider(byKind, { field, index, offset }, portsAreIdentifiers)
    offset += isVariable ? 0 : field.length
    minBytes += isVariable ? 1 : field.length
  }
  const clock: UptimeClock = { init: undefined, end: undefined }
  const init = byKind.get('init 30')
  if (init) clock.init = makeOp(init, undefined, 'first', true, clock)
  const ops = chooseOps(byKind, clock)
  clock.end = ops.find((op) => op.kind === 'uptime' && op.column === 'last')
  return {
    ops: variable ? ops : pairOps(ops),
    stride: variable ? 0 : offset,
    minBytes,
    lengths,
    located: clock.init ? [...ops, clock.init] : ops,
    sampling: ops.some((op) => op.column === 'sampling'),
    columns: [...new Set<ColumnName>(['first', 'last', 'exporter', ...ops.map((op) => op.column)])],
    builder: undefined,
    generation: -1,
  }
}

/** The first occurrence of an element counts (RFC 7011 §8: in order); an absent one has length 0. */
function consider(byKind: Map<string, Candidate>, at: Omit<Candidate, 'element'>, portsAreIdentifiers: boolean): void {
  const element = at.field.scope ? undefined : elementFor(at.field.pen, at.field.id)
  if (!element || !fits(element.kind, at.field.length)) return
  if (portsAreIdentifiers && element.kind.startsWith('icmp')) return
  const key =
    PAIRS.has(element.kind) || element.kind === 'init'
      ? `${element.kind} ${element.rank}`
      : `${element.column} ${element.rank}`
  if (!byKind.has(key)) byKind.set(key, { ...at, element })
}

/** Second halves of two-field operations; the first half carries the operation. */
const PAIRS = new Map<ElementKind, ElementKind | undefined>([
  ['icmp-type', 'icmp-code'],
  ['icmp-code', undefined],
  ['selected', 'space'],
  ['space', undefined],
  ['size', 'population'],
  ['population', undefined],
])

function fits(kind: ElementKind, length: number): boolean {
  if (kind === 'v4') return length === 4
  if (kind === 'v6') return length === 16
  if (kind === 'mac') return length === 6
  if (kind === 'ntp') return length === 8
  return length >= 1 && length <= 8
}

function chooseOps(byKind: Map<string, Candidate>, clock: UptimeClock): Op[] {
  const candidates = [...byKind.values()].sort((a, b) => a.element.rank - b.element.rank)
  const filled = new Set<ColumnName>()
  const ops: Op[] = []
  for (const candidate of candidates) {
    const { kind, column, rank, whereEmpty } = candidate.element
    if (kind === 'init') continue
    const partnerKind = PAIRS.get(kind)
    if (PAIRS.has(kind) && partnerKind === undefined) continue
    const partner = partnerKind && byKind.get(`${partnerKind} ${rank}`)
    if (partnerKind !== undefined && !partner && kind !== 'icmp-type') continue
    if (filled.has(column) && !whereEmpty) continue
    const target = kind.startsWith('duration') && filled.has('first') && !filled.has('last') ? 'last' : column
    ops.push(makeOp(candidate, partner, target, whereEmpty && (filled.has(target) || rank >= 10), clock))
    filled.add(target)
  }
  return ops
}

function makeOp(
  candidate: Candidate,
  partner: Candidate | undefined,
  column: ColumnName,
  whereEmpty: boolean,
  clock: UptimeClock,
): Op {
  const { element, field, index, offset } = candidate
  const { store, skip } = storeFor(element, field.length, whereEmpty)
  return {
    store: store === storeIcmp && element.kind === 'icmp-type' && !partner ? storeIcmpType : store,
    kind: element.kind,
    column,
    whereEmpty,
    offset: offset + skip,
    length: field.length,
    field: index,
    offset2: partner ? partner.offset : -1,
    length2: partner ? partner.field.length : 0,
    field2: partner ? partner.index : -1,
    skip,
    clock: element.kind === 'uptime' ? clock : undefined,
    rows: undefined,
    also: undefined,
  }
}

const STORES: Partial<Record<ElementKind, Store>> = {
  dscp: storeDscp,
  v6: storeV6,
  mac: storeMac,
  uptime: storeUptime,
  seconds: storeSeconds,
  ms: storeMs,
  ntp: storeNtp,
  'delta-us': storeDeltaUs,
  'duration-ms': storeDurationMs,
  'duration-us': storeDurationUs,
  icmp: storeIcmp,
  'icmp-type': storeIcmp,
  rate: storeRate,
  selected: storeSelectedSpace,
  size: storeSizePopulation,
  sampler: storeSampler,
}

/** Bytes of the number columns, whose arrays the fast loops write; `count` columns hold doubles. */
const WIDTHS: Partial<Record<ColumnName, 1 | 2 | 4>> = {
  srcPort: 2,
  dstPort: 2,
  natSrcPort: 2,
  natDstPort: 2,
  protocol: 1,
  tcpFlags: 1,
  tos: 1,
  inIf: 4,
  outIf: 4,
  vlan: 2,
  srcAs: 4,
  dstAs: 4,
  direction: 1,
  endReason: 1,
}

/** The loop for an element in a field of this length. A fast loop exists for the usual lengths, `storeUint` for all. */
function storeFor(element: Element, length: number, whereEmpty: boolean): { store: Store; skip: number } {
  const { kind, column } = element
  if (kind === 'v4') return { store: whereEmpty ? storeV4WhereEmpty : storeV4, skip: 0 }
  if (kind === 'dscp') return { store: storeDscp, skip: length - 1 }
  const special = STORES[kind]
  if (special !== undefined) return { store: special, skip: 0 }
  if (whereEmpty) return { store: storeUint, skip: 0 }
  const width = WIDTHS[column]
  if (width === undefined) {
    return { store: length === 4 ? storeCount32 : length === 8 ? storeCount64 : storeUint, skip: 0 }
  }
  if (width === 1) return { store: storeU8, skip: length - 1 }
  if (width === 2 && length >= 2) return { store: storeU16, skip: length - 2 }
  if (width === 4 && length >= 4) return { store: storeU32, skip: length - 4 }
  if (width === 4 && length === 2) return { store: storeU32From16, skip: 0 }
  return { store: storeUint, skip: 0 }
}

/** Points the operations at a builder's arrays. */
export function bindProgram(program: Program, builder: FlowBatchBuilder): void {
  program.builder = builder
  program.generation = -1
  for (const op of program.ops) {
    op.rows = rowsFor(op, builder)
    if (op.also) op.also.rows = rowsFor(op.also, builder)
  }
}

/** The form of a column that the operation's loop writes. */
function rowsFor(op: Op, builder: FlowBatchBuilder): unknown {
  const rows = builder.rows[op.column]
  if (op.store === storeIcmp || op.store === storeIcmpType) {
    return { ports: builder.rows.dstPort, protocols: builder.rows.protocol }
  }
  const { kind } = op
  if (kind === 'mac') {
    const bytes = rows as Uint8Array
    return new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2)
  }
  return kind === 'v4' && !op.whereEmpty ? (rows as AddressRows).v4 : rows
}
