// The text after an operator → a typed value, by the field's type. Fails: FilterError at the value's place, saying what the
// field takes; a value that no flow can have is such an error, never a filter that silently matches nothing.
import { readAddress } from './addresses.ts'
import type { Operator, Value } from './ast.ts'
import type { Field } from './fields.ts'
import { FilterError } from './filter-error.ts'
import { readMac } from './macs.ts'
import { nearest } from './nearest.ts'
import { readNumber } from './numbers.ts'
import type { PortNames } from './ports.ts'

/** A value as it stands in the text. */
export interface RawValue {
  /** The pieces between the `*`. */
  readonly parts: readonly string[]
  readonly from: number
  readonly to: number
}

export const OPERATORS: Readonly<Record<Field['type'], readonly Operator[]>> = {
  number: ['=', '!=', '<', '<=', '>', '>='],
  flags: ['=', '!=', '~', '!~'],
  address: ['=', '!='],
  mac: ['=', '!='],
  text: ['=', '!=', '~', '!~'],
}

/** Typed value of `field op raw`; `in` counts as `=`. Throws FilterError. */
export function readValue(field: Field, op: Operator, raw: RawValue, ports: PortNames): Value {
  const text = raw.parts.join('*')
  switch (field.type) {
    case 'number':
    case 'flags':
      return readNumbers(field, op, text, raw, ports)
    case 'address': {
      const value = readAddress(text)
      if (!value) throw impossible(field, text, raw)
      if (field.optional && value.kind === 'address' && value.from === 0 && value.to === 0)
        throw absent(field, op, text, raw)
      return value
    }
    case 'mac': {
      const value = readMac(text)
      if (!value) throw impossible(field, text, raw)
      if (value.to === 0) throw absent(field, op, text, raw)
      return value
    }
    case 'text': {
      if (text === '') throw absent(field, op, '""', raw)
      if (field.source === 'exporter' && op !== '~' && op !== '!~') checkExporter(field, text, raw)
      return { kind: 'text', parts: raw.parts }
    }
  }
}

function readNumbers(field: Field, op: Operator, text: string, raw: RawValue, ports: PortNames): Value {
  const at = text.indexOf('..')
  const isRange = at >= 0
  const from = readNumber(field, isRange ? text.slice(0, at) : text, ports)
  const to = isRange ? readNumber(field, text.slice(at + 2), ports) : from
  if (from === undefined || to === undefined || from > to || to > field.most) throw impossible(field, text, raw, ports)
  if (isRange && op !== '=' && op !== '!=') {
    throw new FilterError(`a range goes with = and !=, not with ${op}`, raw.from, raw.to, ['a number'])
  }
  if (field.name === 'ip.version' && (from < 4 || to === 5 || from === 5)) throw impossible(field, text, raw)
  const equals = op === '=' || op === '!='
  if (equals && field.missing !== undefined && from === field.missing && to === from) throw absent(field, op, text, raw)
  if (isBeyond(field, op, from)) {
    throw new FilterError(`no ${field.name} is ${op} ${text}`, raw.from, raw.to, expectedValues(field))
  }
  if (field.type === 'flags' && (op === '~' || op === '!~') && from === 0) throw impossible(field, text, raw)
  return { kind: 'number', from, to }
}

/** Would `op number` leave no value that a flow can have? */
function isBeyond({ missing, most }: Field, op: Operator, number: number): boolean {
  const least = missing === 0 ? 1 : 0
  const greatest = missing === most ? most - 1 : most
  switch (op) {
    case '<':
      return number <= least
    case '<=':
      return number < least
    case '>':
      return number >= greatest
    case '>=':
      return number > greatest
    default:
      return false
  }
}

/** Exporters are held as text: a block would be compared letter by letter. */
function checkExporter(field: Field, text: string, raw: RawValue): void {
  if (text.includes('*')) return
  const value = readAddress(text)
  if (value?.kind !== 'address' || value.from !== value.to) throw impossible(field, text, raw)
}

/** What a field takes as a value, for messages and completion. */
export function expectedValues(field: Field): string[] {
  switch (field.type) {
    case 'address':
      return ['an address', 'a block like 192.0.2.0/24', 'a range like 192.0.2.1..192.0.2.9', 'a glob like 192.168.*']
    case 'mac':
      return ['a MAC like 00:1b:21:0a:0b:0c', 'its first bytes like 00:1b:21:*']
    case 'text':
      return field.source === 'exporter'
        ? ['an address', 'a glob like 192.168.*']
        : ['a text', 'a glob like *.example.com']
    case 'flags':
      return ['flags like SYN or SYN+ACK', `a number up to ${field.most}`]
    case 'number': {
      const names = field.names ? Object.keys(field.names) : []
      if (field.form === 'port')
        return ['a port from 0 to 65535', 'a service name like https', 'a range like 8000..8999']
      if (field.name === 'ip.version') return ['4', '6']
      if (field.form === 'milliseconds') return ['a time like 500ms, 10s or 5m', 'a range like 1s..10s']
      if (field.form === 'count') return ['a whole number like 1500, 10M (millions) or 10Mi', 'a range like 1k..2k']
      const few = names.length > 12 ? [`a name like ${names.slice(5, 7).join(' or ')}`] : names
      return [...few, `a number from 0 to ${field.most}`]
    }
  }
}

function impossible(field: Field, text: string, raw: RawValue, ports: PortNames = {}): FilterError {
  const expected = expectedValues(field)
  const names = field.form === 'port' ? Object.keys(ports) : Object.keys(field.names ?? {})
  const close = /[a-z]/i.test(text) ? nearest(text, names) : undefined
  const hint = close ? `did you mean ${close}?` : `write ${expected.join(', or ')}`
  return new FilterError(`${field.name} cannot be "${text}"; ${hint}`, raw.from, raw.to, expected)
}

/** A comparison with the value that stands for "none" would never hold. */
function absent(field: Field, op: Operator, text: string, raw: RawValue): FilterError {
  const name = field.name
  const instead = op === '!=' || op === '!~' ? `${name} exists` : `not ${name} exists`
  return new FilterError(`${text} means that a flow has no ${name}; write \`${instead}\``, raw.from, raw.to, [instead])
}
