// Writes well-formed (and, where asked, ill-formed) datagrams for tests: NetFlow 1, 5, 7, 9 and IPFIX. Layouts as in
// fixed-layouts.ts, walk-sets.ts and template.ts.

/** A value of a field: number, text for octets (or an address for 4 and 16 bytes), bytes. Missing values are 0. */
export type FieldValue = number | bigint | string | Uint8Array | undefined
/** Element, length in bytes (65535: variable, IPFIX), enterprise number. */
export type FieldSpec = readonly [id: number, length: number, pen?: number]

export interface TemplateSpec {
  id: number
  fields: readonly FieldSpec[]
  /** Scope fields; makes it an options template. In NetFlow 9 the id is a scope type. */
  scopes?: readonly FieldSpec[]
}

export const VARIABLE = 65_535

/** Fields written as `element:length`, `enterprise/element:length`, length `v` for variable: `'8:4 12:4 637/93:v'`. */
export function fieldSpecs(text: string): FieldSpec[] {
  return text.split(' ').map((field) => {
    const [, pen, id, length] = /^(?:(\d+)\/)?(\d+):(\d+|v)$/.exec(field) ?? []
    if (id === undefined) throw new TypeError(`no field: ${field}`)
    const bytes = length === 'v' ? VARIABLE : Number(length)
    return pen === undefined ? [Number(id), bytes] : [Number(id), bytes, Number(pen)]
  })
}

const be16 = (value: number): Buffer => Buffer.from([value >>> 8, value])
const be32 = (value: number): Buffer => Buffer.from([value >>> 24, value >>> 16, value >>> 8, value])

/** A set: id, length, contents. `length` says another length than the true one. */
export function encodeSet(id: number, contents: Uint8Array, length = contents.length + 4): Buffer {
  return Buffer.concat([be16(id), be16(length), contents])
}

/** A template set or, when the specs have scopes, an options template set. */
export function encodeTemplates(version: 9 | 10, specs: readonly TemplateSpec[], padding = 0): Buffer {
  const options = specs.some((spec) => spec.scopes !== undefined)
  const definitions = specs.map((spec) => encodeDefinition(version, spec))
  const id = (version === 9 ? 0 : 2) + (options ? 1 : 0)
  return encodeSet(id, Buffer.concat([...definitions, Buffer.alloc(padding)]))
}

function encodeDefinition(version: 9 | 10, { id, fields, scopes }: TemplateSpec): Buffer {
  const all = [...(scopes ?? []), ...fields].map(([element, length, pen]) =>
    pen
      ? Buffer.concat([be16(element | 0x8000), be16(length), be32(pen)])
      : Buffer.concat([be16(element), be16(length)]),
  )
  if (!scopes) return Buffer.concat([be16(id), be16(all.length), ...all])
  const counts =
    version === 9 ? [be16(scopes.length * 4), be16(fields.length * 4)] : [be16(all.length), be16(scopes.length)]
  return Buffer.concat([be16(id), ...counts, ...all])
}

/** A data set of records, each with the values of the template's fields in order (scopes first). */
export function encodeData(spec: TemplateSpec, records: readonly (readonly FieldValue[])[], padding = 0): Buffer {
  return encodeSet(
    spec.id,
    Buffer.concat([...records.map((values) => encodeRecord(spec, values)), Buffer.alloc(padding)]),
  )
}

/** One record by its template. */
export function encodeRecord(spec: TemplateSpec, values: readonly FieldValue[]): Buffer {
  const fields = [...(spec.scopes ?? []), ...spec.fields]
  return Buffer.concat(fields.map(([, length], index) => encodeValue(values[index], length)))
}

function encodeValue(value: FieldValue, length: number): Buffer {
  if (length === VARIABLE) {
    const bytes = typeof value === 'string' ? Buffer.from(value) : Buffer.from((value as Uint8Array) ?? [])
    const prefix =
      bytes.length < 255 ? Buffer.from([bytes.length]) : Buffer.concat([Buffer.from([255]), be16(bytes.length)])
    return Buffer.concat([prefix, bytes])
  }
  const field = Buffer.alloc(length)
  if (value instanceof Uint8Array) field.set(value.subarray(0, length))
  else if (typeof value === 'string') field.set(textBytes(value, length).subarray(0, length))
  else {
    let rest = BigInt(value ?? 0)
    for (let i = length - 1; i >= 0; i--, rest >>= 8n) field[i] = Number(rest & 255n)
  }
  return field
}

function textBytes(text: string, length: number): Uint8Array {
  if (length === 4 && /^\d+\.\d+\.\d+\.\d+$/.test(text)) return Uint8Array.from(text.split('.').map(Number))
  if (length === 6 && /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(text)) return Buffer.from(text.replaceAll(':', ''), 'hex')
  if (length === 16 && text.includes(':')) return ipv6Bytes(text)
  return Buffer.from(text)
}

function ipv6Bytes(text: string): Uint8Array {
  const [head = '', tail] = text.split('::')
  const groups = (part: string) => (part === '' ? [] : part.split(':'))
  const left = groups(head)
  const right = tail === undefined ? [] : groups(tail)
  const all = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right]
  return Uint8Array.from(all.flatMap((group) => [Number.parseInt(group, 16) >>> 8, Number.parseInt(group, 16) & 255]))
}

/** Tuesday 2026-01-06 12:00:00 UTC: the export time of generated datagrams where none is given. */
export const TEST_EXPORT_MS = Date.UTC(2026, 0, 6, 12)

export interface HeaderSpec {
  exportMs?: number
  uptimeMs?: number
  sequence?: number
  /** Source id or observation domain; for v5 engine type × 256 + engine id. */
  domain?: number
}

/** A NetFlow 9 datagram; `count` is the header's, by default the number of sets. */
export function encodeNetflow9(sets: readonly Uint8Array[], header: HeaderSpec & { count?: number } = {}): Buffer {
  const { exportMs = TEST_EXPORT_MS, uptimeMs = 3_600_000, sequence = 0, domain = 0, count = sets.length } = header
  const seconds = Math.floor(exportMs / 1000)
  return Buffer.concat([be16(9), be16(count), be32(uptimeMs), be32(seconds), be32(sequence), be32(domain), ...sets])
}

/** An IPFIX message; `length` is the header's, by default the true one. */
export function encodeIpfix(sets: readonly Uint8Array[], header: HeaderSpec & { length?: number } = {}): Buffer {
  const contents = Buffer.concat(sets)
  const { exportMs = TEST_EXPORT_MS, sequence = 0, domain = 0, length = contents.length + 16 } = header
  return Buffer.concat([
    be16(10),
    be16(length),
    be32(Math.floor(exportMs / 1000)),
    be32(sequence),
    be32(domain),
    contents,
  ])
}

/** A record of NetFlow 1, 5 or 7; what is left out is 0. `firstMs` and `lastMs` are uptimes. */
export interface FixedRecord {
  srcIp?: string
  dstIp?: string
  inIf?: number
  outIf?: number
  packets?: number
  bytes?: number
  firstMs?: number
  lastMs?: number
  srcPort?: number
  dstPort?: number
  tcpFlags?: number
  protocol?: number
  tos?: number
  srcAs?: number
  dstAs?: number
}

export interface FixedHeaderSpec extends HeaderSpec {
  /** The header's count, by default the true one. */
  count?: number
  /** v5: the 16 bits of mode and interval. */
  sampling?: number
}

/** A NetFlow 1, 5 or 7 datagram. */
export function encodeFixed(version: 1 | 5 | 7, records: readonly FixedRecord[], header: FixedHeaderSpec = {}): Buffer {
  const { exportMs = TEST_EXPORT_MS, uptimeMs = 3_600_000, sequence = 0, domain = 0, sampling = 0 } = header
  const seconds = Math.floor(exportMs / 1000)
  const head = [be16(version), be16(header.count ?? records.length), be32(uptimeMs), be32(seconds)]
  head.push(be32((exportMs % 1000) * 1_000_000))
  if (version === 5) head.push(be32(sequence), be16(domain), be16(sampling))
  if (version === 7) head.push(be32(sequence), be32(0))
  return Buffer.concat([...head, ...records.map((record) => encodeFixedRecord(version, record))])
}

function encodeFixedRecord(version: 1 | 5 | 7, record: FixedRecord): Buffer {
  const { srcIp = '0.0.0.0', dstIp = '0.0.0.0', inIf = 0, outIf = 0, packets = 0, bytes = 0 } = record
  const { firstMs = 0, lastMs = 0, srcPort = 0, dstPort = 0, tcpFlags = 0, protocol = 0, tos = 0 } = record
  const start = [
    encodeValue(srcIp, 4),
    encodeValue(dstIp, 4),
    be32(0),
    be16(inIf),
    be16(outIf),
    be32(packets),
    be32(bytes),
    be32(firstMs),
    be32(lastMs),
    be16(srcPort),
    be16(dstPort),
  ]
  if (version === 1) return Buffer.concat([...start, be16(0), Buffer.from([protocol, tos, tcpFlags]), Buffer.alloc(11)])
  const rest = [Buffer.from([0, tcpFlags, protocol, tos]), be16(record.srcAs ?? 0), be16(record.dstAs ?? 0), be32(0)]
  return Buffer.concat([...start, ...rest, ...(version === 7 ? [be32(0)] : [])])
}
