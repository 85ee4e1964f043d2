// A template as its exporter defined it: the bytes of the definition (compared to see a change, saved across restarts) and
// the fields that they say. Compiled to a program when first needed.
import { u16, u32 } from './bytes.ts'
import type { Problem } from './problems.ts'

/**
 * A field of a template record. `length` 65535 is "variable": each record says the field's length (RFC 7011 §7). NetFlow 9 has
 * no such thing, but H3C sends it, encoded the same way; a field of 65,535 bytes could not be in a datagram anyway.
 */
export interface Field {
  /** Enterprise number; 0 is IANA's. */
  readonly pen: number
  readonly id: number
  readonly length: number
  /** A scope field of an options template; in NetFlow 9 its id is a scope type, not an element (RFC 3954 §6.1). */
  readonly scope: boolean
}

export type TemplateKind = 'data' | 'options'
export const VARIABLE_LENGTH = 65_535

export const NETFLOW_9 = 9
export const IPFIX = 10

/** A definition found by `scanTemplate`: where it ends, and why it is refused if it is. */
export interface TemplateScan {
  id: number
  /** Offset after the definition; of a definition that runs past its set the end of the set. */
  end: number
  fields: number
  refused: Problem | undefined
}

const scan: TemplateScan = { id: 0, end: 0, fields: 0, refused: undefined }

/**
 * Checks the definition at `at` without keeping anything; `end` is the end of its set, at least 4 bytes away. The result is
 * reused by the next call.
 *
 *   template         id(2) fields(2)                      then fields    RFC 3954 §5.2, RFC 7011 §3.4.1
 *   v9 options       id(2) scopeBytes(2) optionBytes(2)   then fields    RFC 3954 §6.1
 *   IPFIX options    id(2) fields(2) scopeFields(2)       then fields    RFC 7011 §3.4.2.2
 *   field            id(2) length(2) [enterprise(4) where IPFIX and the id's top bit is set]
 */
export function scanTemplate(
  bytes: Uint8Array,
  at: number,
  end: number,
  version: number,
  kind: TemplateKind,
  maxFields: number,
): TemplateScan {
  scan.id = u16(bytes, at)
  scan.fields = u16(bytes, at + 2)
  scan.refused = undefined
  scan.end = end
  let pos = at + 4
  if (version === IPFIX && scan.fields === 0) {
    scan.end = pos
    scan.refused = 'template-withdrawal'
    return scan
  }
  if (kind === 'options') {
    if (end - at < 6) return refuse('template-malformed')
    pos += 2
    if (version === NETFLOW_9) {
      const scopeBytes = scan.fields
      const optionBytes = u16(bytes, at + 4)
      if ((scopeBytes | optionBytes) & 3) return refuse('template-malformed')
      scan.fields = (scopeBytes + optionBytes) >>> 2
    } else if (u16(bytes, at + 4) > scan.fields) return refuse('template-malformed')
  }
  let total = 0
  for (let i = 0; i < scan.fields; i++) {
    if (end - pos < 4) return refuse('template-malformed')
    total += u16(bytes, pos + 2)
    pos += version === IPFIX && bytes[pos]! & 0x80 ? 8 : 4
    if (pos > end) return refuse('template-malformed')
  }
  scan.end = pos
  if (scan.id < 256) return refuse('template-id')
  if (total === 0) return refuse('template-empty')
  if (scan.fields > maxFields) return refuse('template-fields')
  return scan
}

function refuse(problem: Problem): TemplateScan {
  scan.refused = problem
  return scan
}

/** The fields of a definition without its id (bytes from the field count on) that `scanTemplate` accepted. */
export function readFields(definition: Uint8Array, version: number, kind: TemplateKind): Field[] {
  const fields: Field[] = []
  let scopes = 0
  let pos = 2
  if (kind === 'options') {
    scopes = version === NETFLOW_9 ? u16(definition, 0) >>> 2 : u16(definition, 2)
    pos = 4
  }
  while (pos + 4 <= definition.length) {
    const id = u16(definition, pos)
    const length = u16(definition, pos + 2)
    const enterprise = version === IPFIX && id >= 0x8000
    const pen = enterprise ? u32(definition, pos + 4) : 0
    fields.push({ pen, id: enterprise ? id & 0x7fff : id, length, scope: fields.length < scopes })
    pos += enterprise ? 8 : 4
  }
  return fields
}
