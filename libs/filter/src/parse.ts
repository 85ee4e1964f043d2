// Text → AST: a Pratt parser, one binding power for each of "," or, and (also a space), not. In: text, names of ports.
// Fails: throws FilterError and nothing else. Recursion is bounded by LIMITS.depth.
import { readAddress } from './addresses.ts'
import { type Ast, type Condition, join, type Value } from './ast.ts'
import { FIELD_NAMES, type Field, findField } from './fields.ts'
import { FilterError } from './filter-error.ts'
import { LIMITS } from './limits.ts'
import { looksLikeMac } from './macs.ts'
import { nearest } from './nearest.ts'
import { type PortNames, WELL_KNOWN_PORTS } from './ports.ts'
import { print } from './print.ts'
import { expectedValues, OPERATORS, readValue } from './read-value.ts'
import { Scanner, splitStars } from './scanner.ts'

export interface ParseOptions {
  /** Service names that may stand for a port, besides WELL_KNOWN_PORTS; names in lower case. */
  readonly ports?: PortNames | undefined
}

/** The filter that a text says. Empty text: every flow. Throws FilterError. */
export function parse(text: string, options: ParseOptions = {}): Ast {
  if (utf8Bytes(text) > LIMITS.textBytes) throw tooLong(text)
  const ast = new Parser(text, options).query()
  // In canonical form a filter must be one too, else it could be stored but not read again.
  if (utf8Bytes(print(ast)) > LIMITS.textBytes) throw tooLong(text)
  if (depthOf(ast) > LIMITS.depth) throw tooDeep(0, text.length)
  return ast
}

/** Like `parse`, with the error as a value. */
export function tryParse(text: string, options: ParseOptions = {}): Ast | FilterError {
  try {
    return parse(text, options)
  } catch (error) {
    if (error instanceof FilterError) return error
    throw error
  }
}

/** How tightly an operator binds what stands on its right. */
const POWER = { ',': 1, or: 2, and: 3 } as const
type Infix = keyof typeof POWER

const TERM = ['a field', 'a word', 'not', '(']

class Parser {
  readonly #scan: Scanner
  readonly #ports: PortNames
  #depth = 0
  #terms = 0

  constructor(text: string, options: ParseOptions) {
    this.#scan = new Scanner(text)
    this.#ports = options.ports ? { ...WELL_KNOWN_PORTS, ...options.ports } : WELL_KNOWN_PORTS
  }

  query(): Ast {
    const scan = this.#scan
    scan.skip()
    if (scan.atEnd) return { kind: 'all' }
    const ast = this.#expression(0)
    if (!scan.atEnd) throw this.#unexpected('there is no ( for this )', ['and', 'or', 'the end'])
    return ast
  }

  #expression(power: number): Ast {
    let left = this.#prefix()
    for (;;) {
      const infix = this.#peekInfix()
      if (!infix || POWER[infix] <= power) return left
      if (infix === ',') this.#scan.at++
      else if (!this.#scan.take('||') && !this.#scan.take('&&')) this.#scan.takeKeyword(infix)
      left = join(infix === 'or' ? 'or' : 'and', left, this.#expression(POWER[infix]))
    }
  }

  /** The operator between two terms; a space is `and`. Undefined at the end and before a parenthesis that closes. */
  #peekInfix(): Infix | undefined {
    const scan = this.#scan
    scan.skip()
    if (scan.atEnd || scan.next === ')') return undefined
    if (scan.next === ',') return ','
    return scan.text.startsWith('||', scan.at) || scan.peekKeyword() === 'or' ? 'or' : 'and'
  }

  #prefix(): Ast {
    const scan = this.#scan
    scan.skip()
    const from = scan.at
    if (this.#takeNot()) return this.#nested(from, () => ({ kind: 'not', term: this.#prefix() }))
    if (!scan.take('(')) return this.#term()
    return this.#nested(from, () => {
      const inner = this.#expression(0)
      if (!scan.take(')')) throw this.#unexpected('a parenthesis is not closed', [')', 'and', 'or'])
      return inner
    })
  }

  #nested(from: number, read: () => Ast): Ast {
    if (++this.#depth > LIMITS.depth) throw tooDeep(from, this.#scan.text.length)
    const ast = read()
    this.#depth--
    return ast
  }

  #takeNot(): boolean {
    const scan = this.#scan
    if (scan.next === '!') return !/^![=~]/.test(scan.text.slice(scan.at, scan.at + 2)) && scan.take('!')
    return scan.take('-') || scan.takeKeyword('not')
  }

  /** A condition or a bare word. */
  #term(): Ast {
    const scan = this.#scan
    const from = scan.at
    this.#countTerm(from)
    if (scan.atString) return this.#word(scan.takeString().parts, from)
    const atom = scan.peekAtom()
    if (atom.includes(':') && (looksLikeMac(atom) || readAddress(atom))) return this.#word(scan.takeAtom().parts, from)
    const name = scan.peekName()
    if (name === '') throw this.#unexpected(scan.atEnd ? 'the filter ends too early' : undefined, TERM)
    const keyword = scan.peekKeyword()
    if (keyword)
      throw this.#unexpected(`"${keyword}" cannot stand here; quote it to search for the word`, TERM, keyword.length)
    scan.at += name.length
    const op = scan.takeOperator()
    if (op) {
      const field = this.#field(name, from)
      if (!OPERATORS[field.type].includes(op)) throw this.#wrongOperator(field, op)
      return { kind: 'compare', field: field.name, op, value: this.#value(field, op) }
    }
    return this.#wordCondition(name, from) ?? this.#bareWord(name, from)
  }

  /** `field exists`, `field in (…)`, `field not in (…)`. */
  #wordCondition(name: string, from: number): Condition | undefined {
    const scan = this.#scan
    const before = scan.at
    scan.skip()
    if (scan.takeKeyword('exists')) return { kind: 'exists', field: this.#field(name, from).name }
    const not = scan.takeKeyword('not')
    if (not) scan.skip()
    if (scan.takeKeyword('in')) {
      const field = this.#field(name, from)
      return { kind: 'in', field: field.name, not, values: this.#list(field) }
    }
    scan.at = before
    return undefined
  }

  #list(field: Field): Value[] {
    const scan = this.#scan
    const values: Value[] = []
    scan.skip()
    if (!scan.take('(')) throw this.#unexpected('a list stands in parentheses', ['('])
    for (;;) {
      if (values.length > 0) this.#countTerm(scan.at)
      values.push(this.#value(field, '='))
      scan.skip()
      if (scan.take(')')) return values
      if (!scan.take(',')) throw this.#unexpected('the values of a list are parted by commas', [',', ')'])
    }
  }

  #value(field: Field, op: (typeof OPERATORS)[Field['type']][number]): Value {
    const scan = this.#scan
    scan.skip()
    const from = scan.at
    if (scan.atString) return readValue(field, op, scan.takeString(), this.#ports)
    if (scan.take('@')) return this.#otherField(field, op, from)
    if (scan.peekAtom() === '') throw this.#unexpected(`a value of ${field.name} is missing`, expectedValues(field))
    return readValue(field, op, scan.takeAtom(), this.#ports)
  }

  #otherField(field: Field, op: string, from: number): Value {
    const scan = this.#scan
    const name = scan.peekAtom()
    const other = this.#field(name, from + 1)
    scan.at += name.length
    const kind = (type: Field['type']) => (type === 'flags' ? 'number' : type)
    const message = other.sides
      ? `@${other.name} is of both sides; name one of ${other.sides.map((side) => `@${side.name}`).join(' and ')}`
      : kind(other.type) !== kind(field.type)
        ? `${field.name} cannot be compared with ${other.name}`
        : op === '~' || op === '!~'
          ? `another field goes with = and !=, not with ${op}`
          : undefined
    if (message) throw new FilterError(message, from, scan.at, ['a value', `@ and a field like ${field.name}`])
    return { kind: 'field', field: other.name }
  }

  #bareWord(name: string, from: number): Ast {
    const field = findField(name)
    if (field) {
      const expected = [...OPERATORS[field.type], 'in', 'not in', 'exists']
      const message = `${name} is a field: an operator must follow; quote it to search for the word`
      throw new FilterError(message, from, this.#scan.at, expected)
    }
    return this.#word(splitStars(name), from)
  }

  #word(parts: readonly string[], from: number): Ast {
    if (parts.join('') !== '' || parts.length > 1) return { kind: 'word', parts }
    throw new FilterError('an empty text is found everywhere', from, this.#scan.at, ['a text'])
  }

  #field(name: string, from: number): Field {
    const field = findField(name)
    if (field) return field
    const close = nearest(name, FIELD_NAMES)
    const known = FIELD_NAMES.filter((known) => known.startsWith(name.slice(0, 3).toLowerCase()))
    const hint = close ? `; did you mean ${close}?` : describeKnown(known)
    throw new FilterError(`there is no field "${name}"${hint}`, from, from + name.length, close ? [close] : FIELD_NAMES)
  }

  #wrongOperator(field: Field, op: string): FilterError {
    const allowed = [...OPERATORS[field.type], 'in', 'not in', 'exists']
    const to = this.#scan.at
    return new FilterError(
      `${field.name} does not go with ${op}, but with ${allowed.join(' ')}`,
      to - op.length,
      to,
      allowed,
    )
  }

  #countTerm(from: number): void {
    if (++this.#terms <= LIMITS.terms) return
    throw new FilterError(`a filter has at most ${LIMITS.terms} conditions and values`, from, this.#scan.text.length)
  }

  #unexpected(message: string | undefined, expected: readonly string[], length = 1): FilterError {
    const { at, text, atEnd } = this.#scan
    const found = atEnd ? 'the filter ends here' : `"${text.slice(at, at + length)}" cannot stand here`
    const to = Math.min(text.length, at + length)
    return new FilterError(`${message ?? found}; expected ${expected.join(', ')}`, at, to, expected)
  }
}

const utf8 = new TextEncoder()
const utf8Bytes = (text: string): number => (text.length > LIMITS.textBytes ? text.length : utf8.encode(text).length)

function tooLong(text: string): FilterError {
  return new FilterError(`a filter has at most ${LIMITS.textBytes} bytes, also when written out`, 0, text.length)
}

function tooDeep(from: number, to: number): FilterError {
  return new FilterError(`parentheses and "not" go at most ${LIMITS.depth} deep`, from, to)
}

function depthOf(ast: Ast): number {
  if (ast.kind === 'not') return 1 + depthOf(ast.term)
  return ast.kind === 'and' || ast.kind === 'or' ? 1 + Math.max(...ast.terms.map(depthOf)) : 0
}

/** Fields that begin alike. */
function describeKnown(known: readonly string[]): string {
  if (known.length === 0) return '; `netbehave filter fields` lists them'
  return known.length === 1 ? `; there is ${known[0]}` : `; there are ${known.join(', ')}`
}
