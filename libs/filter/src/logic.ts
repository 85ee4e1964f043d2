// What a filter asks of a flow, without the language's conveniences: either-side fields, words, lists, `!=` and `not` are
// resolved into and, or, and single tests of single fields that may be negated. The predicate and the SQL are both made from
// this, so they cannot differ in what a filter means.
import { ipv6ToBigint, readAddress } from './addresses.ts'
import type { Ast, Condition, Operator, Value } from './ast.ts'
import { type Field, fieldNamed } from './fields.ts'
import { fold } from './fold.ts'
import { EVERY_NUMBER, type Interval, type IntervalSet, union, without } from './intervals.ts'

/** A test of one field of one side. It does not hold when the flow has no value there. */
export type Test =
  /** Numbers, flags, MACs. Never holds the number that means "no value". */
  | { readonly kind: 'numbers'; readonly set: IntervalSet }
  | { readonly kind: 'addresses'; readonly ipv4: IntervalSet; readonly ipv6: readonly (readonly [bigint, bigint])[] }
  | { readonly kind: 'address-glob'; readonly glob: string }
  /** Folded pieces of the whole text. */
  | { readonly kind: 'text'; readonly parts: readonly string[] }
  | { readonly kind: 'exists' }
  /** Both have a value and `this op other` holds. */
  | { readonly kind: 'field'; readonly other: Field; readonly op: '=' | '<' | '<=' | '>' | '>=' }

export type Logic =
  | { readonly kind: 'constant'; readonly holds: boolean }
  | { readonly kind: 'leaf'; readonly field: Field; readonly test: Test; readonly negated: boolean }
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Logic[] }

const TRUE: Logic = { kind: 'constant', holds: true }
const FALSE: Logic = { kind: 'constant', holds: false }

/** What the filter asks, or with `negated` its contrary: two-valued, so exactly one of both holds for every flow. */
export function toLogic(ast: Ast, negated = false): Logic {
  switch (ast.kind) {
    case 'all':
      return negated ? FALSE : TRUE
    case 'not':
      return toLogic(ast.term, !negated)
    case 'and':
    case 'or': {
      const terms = ast.terms.map((term) => toLogic(term, negated))
      return (ast.kind === 'and') === negated ? anyOf(terms) : allOf(terms)
    }
    case 'word':
      return negate(wordLogic(ast.parts), negated)
    default:
      return negate(conditionLogic(ast), negated)
  }
}

export function allOf(terms: readonly Logic[]): Logic {
  return combine('and', terms, true)
}

export function anyOf(terms: readonly Logic[]): Logic {
  return combine('or', terms, false)
}

function combine(kind: 'and' | 'or', terms: readonly Logic[], neutral: boolean): Logic {
  const rest: Logic[] = []
  for (const term of terms) {
    if (term.kind === 'constant') {
      if (term.holds !== neutral) return term
    } else if (term.kind === kind) rest.push(...term.terms)
    else rest.push(term)
  }
  if (rest.length === 0) return neutral ? TRUE : FALSE
  return rest.length === 1 ? rest[0]! : { kind, terms: rest }
}

function negate(logic: Logic, negated = true): Logic {
  if (!negated) return logic
  switch (logic.kind) {
    case 'constant':
      return logic.holds ? FALSE : TRUE
    case 'leaf':
      return { ...logic, negated: !logic.negated }
    case 'and':
      return anyOf(logic.terms.map((term) => negate(term)))
    case 'or':
      return allOf(logic.terms.map((term) => negate(term)))
  }
}

function conditionLogic(condition: Condition): Logic {
  const field = fieldNamed(condition.field)
  if (condition.kind === 'exists') return eitherSide(field, existsLogic)
  if (condition.kind === 'in') return equalsAny(field, condition.values, condition.not)
  const { op, value } = condition
  switch (op) {
    case '=':
    case '!=':
      return equalsAny(field, [value], op === '!=')
    case '~':
    case '!~':
      return unless(field, (side) => leaf(side, containsTest(side, value)), op === '!~')
    default:
      return eitherSide(field, (side) => leaf(side, orderTest(side, op, value)))
  }
}

/** Of an either-side field: on the source's or on the destination's side. */
function eitherSide(field: Field, make: (side: Field) => Logic): Logic {
  return anyOf((field.sides ?? [field]).map(make))
}

/** With `not`: the flow has a value (on one side at least) and the condition holds on no side. */
function unless(field: Field, make: (side: Field) => Logic, not: boolean): Logic {
  const holds = eitherSide(field, make)
  return not ? allOf([eitherSide(field, existsLogic), negate(holds)]) : holds
}

function equalsAny(field: Field, values: readonly Value[], not: boolean): Logic {
  return unless(field, (side) => anyOf(equalsTests(side, values).map((test) => leaf(side, test))), not)
}

function existsLogic(side: Field): Logic {
  if (!side.optional) return TRUE
  if (side.missing === undefined || side.type === 'mac') return leaf(side, { kind: 'exists' })
  return leaf(side, { kind: 'numbers', set: without(EVERY_NUMBER, side.missing) })
}

const leaf = (field: Field, test: Test): Logic => ({ kind: 'leaf', field, test, negated: false })

/** One test for all numbers, one for all addresses, one for each text and field. */
function equalsTests(field: Field, values: readonly Value[]): Test[] {
  const tests: Test[] = []
  const numbers: Interval[] = []
  const ipv4: Interval[] = []
  const ipv6: [bigint, bigint][] = []
  for (const value of values) {
    switch (value.kind) {
      case 'number':
      case 'mac':
        numbers.push([value.from, value.to])
        break
      case 'address':
        if (typeof value.from === 'number') ipv4.push([value.from, value.to as number])
        else ipv6.push([ipv6ToBigint(value.from), ipv6ToBigint(value.to as Uint8Array)])
        break
      case 'address-glob':
        if (value.text !== '*') tests.push({ kind: 'address-glob', glob: value.text })
        else {
          ipv4.push([0, 0xffff_ffff])
          ipv6.push([0n, (1n << 128n) - 1n])
        }
        break
      case 'text':
        tests.push(textTest(foldParts(value.parts)))
        break
      case 'field':
        tests.push({ kind: 'field', other: fieldNamed(value.field), op: '=' })
    }
  }
  if (numbers.length > 0) tests.unshift({ kind: 'numbers', set: present(field, union(numbers)) })
  if (ipv4.length + ipv6.length > 0) {
    const set = union(ipv4)
    // 0.0.0.0 as a NAT address means that there is none.
    tests.unshift({ kind: 'addresses', ipv4: field.optional ? without(set, 0) : set, ipv6 })
  }
  return tests
}

function orderTest(field: Field, op: Exclude<Operator, '=' | '!=' | '~' | '!~'>, value: Value): Test {
  if (value.kind === 'field') return { kind: 'field', other: fieldNamed(value.field), op }
  const { from } = value as Extract<Value, { kind: 'number' }>
  const interval: Interval =
    op === '<'
      ? [-Infinity, from - 1]
      : op === '<='
        ? [-Infinity, from]
        : op === '>'
          ? [from + 1, Infinity]
          : [from, Infinity]
  return { kind: 'numbers', set: present(field, [interval]) }
}

/** Text: somewhere in it. Flags: all of these bits are set. */
function containsTest(field: Field, value: Value): Test {
  if (value.kind === 'text') {
    const parts = ['', ...foldParts(value.parts), '']
    return textTest(parts.filter((part, i) => part !== '' || i === 0 || i === parts.length - 1))
  }
  const { from: bits } = value as Extract<Value, { kind: 'number' }>
  const all = Array.from({ length: field.most + 1 }, (_, number) => number)
  return {
    kind: 'numbers',
    set: union(all.filter((number) => (number & bits) === bits).map((number) => [number, number])),
  }
}

/** A text of nothing but a star is any text. */
const textTest = (parts: readonly string[]): Test =>
  parts.length === 2 && parts[0] === '' && parts[1] === '' ? { kind: 'exists' } : { kind: 'text', parts }

const present = (field: Field, set: IntervalSet): IntervalSet =>
  field.missing === undefined ? set : without(set, field.missing)

/** Pieces cut out of a text fold as they would within it, for `fold` looks at one letter at a time. */
const foldParts = (parts: readonly string[]): string[] => parts.map(fold)

const WORD_FIELDS = ['name', 'org', 'asset', 'service', 'rule'] as const

/** A word is found in texts (a glob is the whole text), and is an address where it can be one. */
function wordLogic(parts: readonly string[]): Logic {
  const op = parts.length > 1 ? '=' : '~'
  const value: Value = { kind: 'text', parts }
  const texts = WORD_FIELDS.map((field) => conditionLogic({ kind: 'compare', field, op, value }))
  const text = parts.join('*')
  // The beginning of an address, in whole octets: 192.168.1
  const address = readAddress(/^\d{1,3}(\.\d{1,3}){1,2}\.?$/.test(text) ? `${text.replace(/\.$/, '')}.*` : text)
  if (address) texts.unshift(conditionLogic({ kind: 'compare', field: 'ip', op: '=', value: address }))
  return anyOf(texts)
}
