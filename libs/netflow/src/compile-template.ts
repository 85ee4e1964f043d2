// Fields of a template → a flat program: one operation for each field that has a place in a flow. No code is generated; the
// loops that carry operations out are in run-program.ts.
import type { ColumnName, FlowBatchBuilder } from '@netbehave/schema'
import { type Element, type ElementKind, elementFor, FIREWALL_EVENT_ELEMENTS } from './information-elements.ts'
import { type Field, IPFIX, VARIABLE_LENGTH } from './template.ts'

/** What an operation does; the number says how many bytes it reads, where that matters. */
export const CODE = {
  u8: 1,
  u16: 2,
  u32: 3,
  u32from16: 4,
  count32: 5,
  count64: 6,
  uint: 7,
  v4: 8,
  v6: 9,
  mac: 10,
  dscp: 11,
  uptime: 12,
  seconds: 13,
  ms: 14,
  ntp: 15,
  deltaUs: 16,
  durationMs: 17,
  durationUs: 18,
  icmp: 19,
  icmpTypeCode: 20,
  rate: 21,
  selectedSpace: 22,
  sizePopulation: 23,
  sampler: 24,
} as const

export interface Op {
  readonly code: number
  readonly column: ColumnName
  /** Only into rows whose column is still zero. */
  readonly whereEmpty: boolean
  /** From the record's start; in a program with variable-length fields set for each record. */
  offset: number
  readonly length: number
  /** Index of the field in the template. */
  readonly field: number
  /** The second field of an operation on two. */
  offset2: number
  readonly length2: number
  readonly field2: number
  /** Bytes that `offset` is after the field's start: a narrow column takes the last bytes of a wide field. */
  readonly skip: number
  /** The column's array in the builder that the program is bound to. */
  rows: unknown
}

export interface Program {
  readonly ops: readonly Op[]
  /** Bytes of one record; 0 when fields of variable length are among them. */
  readonly stride: number
  /** Smallest record: a variable-length field takes at least its length byte. */
  readonly minBytes: number
  /** Lengths of the fields in order; 65535 is variable. Only where `stride` is 0. */
  readonly lengths: Uint16Array
  /** Where the fields 21 and 22 and the exporter's start are, for the uptime clock; -1 when not there. */
  readonly uptime: { first: Op | undefined; last: Op | undefined; init: Op | undefined }
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
export function compileTemplate(fields: readonly Field[], version: number): Program {
  const byKind = new Map<string, Candidate>()
  let offset = 0
  let minBytes = 0
  let variable = false
  const lengths = new Uint16Array(fields.length)
  const portsAreIdentifiers = fields.some((field) => field.pen === 0 && FIREWALL_EVENT_ELEMENTS.has(field.id))
  for (const [index, field] of fields.entries()) {
    lengths[index] = field.length
    const isVariable = version === IPFIX && field.length === VARIABLE_LENGTH
    if (isVariable) variable = true
    else consider(byKind, { field, index, offset }, portsAreIdentifiers)
    offset += isVariable ? 0 : field.length
    minBytes += isVariable ? 1 : field.length
  }
  const init = byKind.get('init 30')
  const ops = chooseOps(byKind)
  return {
    ops,
    stride: variable ? 0 : offset,
    minBytes,
    lengths,
    uptime: {
      first: ops.find((op) => op.code === CODE.uptime && op.column === 'first'),
      last: ops.find((op) => op.code === CODE.uptime && op.column === 'last'),
      init: init && makeOp(init, undefined, 'first', true),
    },
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

function chooseOps(byKind: Map<string, Candidate>): Op[] {
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
    ops.push(makeOp(candidate, partner, target, whereEmpty && (filled.has(target) || rank >= 10)))
    filled.add(target)
  }
  return ops
}

function makeOp(candidate: Candidate, partner: Candidate | undefined, column: ColumnName, whereEmpty: boolean): Op {
  const { element, field, index, offset } = candidate
  const { code, skip } = codeFor(element, field.length, whereEmpty)
  return {
    code,
    column,
    whereEmpty,
    offset: offset + skip,
    length: field.length,
    field: index,
    offset2: partner ? partner.offset : -1,
    length2: partner ? partner.field.length : 0,
    field2: partner ? partner.index : -1,
    skip,
    rows: undefined,
  }
}

const KIND_CODES: Partial<Record<ElementKind, number>> = {
  v4: CODE.v4,
  v6: CODE.v6,
  mac: CODE.mac,
  uptime: CODE.uptime,
  seconds: CODE.seconds,
  ms: CODE.ms,
  ntp: CODE.ntp,
  'delta-us': CODE.deltaUs,
  'duration-ms': CODE.durationMs,
  'duration-us': CODE.durationUs,
  icmp: CODE.icmp,
  'icmp-type': CODE.icmpTypeCode,
  rate: CODE.rate,
  selected: CODE.selectedSpace,
  size: CODE.sizePopulation,
  sampler: CODE.sampler,
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

/** The loop for an element in a field of this length. A fast loop exists for the usual lengths, `uint` for all. */
function codeFor(element: Element, length: number, whereEmpty: boolean): { code: number; skip: number } {
  const special = KIND_CODES[element.kind]
  if (special !== undefined) return { code: special, skip: 0 }
  if (element.kind === 'dscp') return { code: CODE.dscp, skip: length - 1 }
  if (whereEmpty) return { code: CODE.uint, skip: 0 }
  const width = WIDTHS[element.column]
  if (width === undefined) {
    return { code: length === 4 ? CODE.count32 : length === 8 ? CODE.count64 : CODE.uint, skip: 0 }
  }
  if (width === 1) return { code: CODE.u8, skip: length - 1 }
  if (width === 2 && length >= 2) return { code: CODE.u16, skip: length - 2 }
  if (width === 4 && length >= 4) return { code: CODE.u32, skip: length - 4 }
  if (width === 4 && length === 2) return { code: CODE.u32from16, skip: 0 }
  return { code: CODE.uint, skip: 0 }
}
