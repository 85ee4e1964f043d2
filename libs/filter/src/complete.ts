// What could stand at a place of a text: fields, operators, values, keywords. It reads what is before the place, forgivingly.
import { FIELDS, type Field, findField } from './fields.ts'
import { FilterError } from './filter-error.ts'
import { type PortNames, WELL_KNOWN_PORTS } from './ports.ts'
import { OPERATORS } from './read-value.ts'
import { Scanner } from './scanner.ts'

export interface Completion {
  readonly text: string
  readonly kind: 'field' | 'operator' | 'value' | 'keyword'
  /** A few words about it. */
  readonly detail?: string
}

export interface Completions {
  /** The part of the text that a completion replaces. */
  readonly from: number
  readonly to: number
  readonly items: readonly Completion[]
}

export interface CompleteOptions {
  readonly ports?: PortNames | undefined
  /** Values that the caller knows of, such as the names that were seen lately; best first. */
  readonly valuesOf?: ((field: Field, prefix: string) => readonly string[]) | undefined
  /** 50 unless told. */
  readonly limit?: number | undefined
}

/** Completions at `offset` (UTF-16), those that begin as what is written there first. */
export function complete(text: string, offset: number, options: CompleteOptions = {}): Completions {
  const before = text.slice(0, offset)
  try {
    const { from, items } = new Reader(before, options).read()
    return { from, to: before.length, items: rank(items, before.slice(from)).slice(0, options.limit ?? 50) }
  } catch (error) {
    // Within a string that has not ended.
    if (error instanceof FilterError) return { from: before.length, to: before.length, items: [] }
    throw error
  }
}

function rank(items: readonly Completion[], prefix: string): Completion[] {
  const lower = prefix.toLowerCase()
  const begins = items.filter(({ text }) => text.toLowerCase().startsWith(lower))
  const contains = items.filter(({ text }) => text.toLowerCase().indexOf(lower) > 0)
  return [...begins, ...contains]
}

interface Found {
  readonly from: number
  readonly items: readonly Completion[]
}

const keyword = (text: string, detail: string): Completion => ({ text, kind: 'keyword', detail })
const JOINING = [keyword('and', 'both hold'), keyword('or', 'one of both holds')]
const TERM: readonly Completion[] = [
  ...FIELDS.map(({ name, meaning }): Completion => ({ text: name, kind: 'field', detail: meaning })),
  keyword('not', 'does not hold'),
]

const OPERATOR_DETAIL = {
  '=': 'is',
  '!=': 'is there and is not',
  '<': 'is below',
  '<=': 'is at most',
  '>': 'is above',
  '>=': 'is at least',
  '~': 'contains',
  '!~': 'is there and does not contain',
} as const

/** Networks that every installation has. */
const NETWORKS = ['internal', 'external', 'loopback', 'link-local', 'multicast', 'broadcast']

class Reader {
  readonly #scan: Scanner
  readonly #options: CompleteOptions

  constructor(text: string, options: CompleteOptions) {
    this.#scan = new Scanner(text)
    this.#options = options
  }

  /** Reads term after term until the end is reached within or before something. */
  read(): Found {
    const scan = this.#scan
    for (let isFirst = true; ; isFirst = false) {
      if (!isFirst) {
        const found = this.#passJoining()
        if (found) return found
      }
      while (/[(!-]/.test(scan.next)) scan.at++
      scan.skip()
      const found = this.#passTerm()
      if (found) return found
    }
  }

  /** Between two terms. */
  #passJoining(): Found | undefined {
    const scan = this.#scan
    let hasComma = false
    for (scan.skip(); /[,)&|]/.test(scan.next); scan.skip()) {
      hasComma = scan.next !== ')'
      scan.at++
    }
    const from = scan.at
    const name = scan.peekName()
    if (from + name.length >= scan.text.length) return { from, items: hasComma ? TERM : [...JOINING, ...TERM] }
    if (scan.takeKeyword('and') || scan.takeKeyword('or')) scan.skip()
    return undefined
  }

  #passTerm(): Found | undefined {
    const scan = this.#scan
    if (scan.takeKeyword('not') && scan.atEnd) return { from: scan.at - 3, items: TERM }
    scan.skip()
    while (/[(!-]/.test(scan.next)) scan.at++
    const from = scan.at
    if (scan.atString) {
      scan.takeString()
      return undefined
    }
    const name = scan.peekName()
    scan.at += name.length
    if (scan.atEnd) return { from, items: TERM }
    // What is no name moves on all the same: this reads texts that are no filters yet.
    if (name === '') scan.at++
    const field = findField(name)
    if (!field) return scan.takeOperator() ? this.#passValue(undefined) : undefined
    const op = scan.takeOperator()
    return op ? this.#passValue(field) : this.#passWordOperator(field)
  }

  #passWordOperator(field: Field): Found | undefined {
    const scan = this.#scan
    scan.skip()
    const from = scan.at
    if (scan.takeKeyword('not')) scan.skip()
    scan.at += scan.peekName().length
    if (scan.atEnd) return { from, items: operatorsOf(field) }
    scan.skip()
    if (!scan.take('(')) return undefined
    for (;;) {
      const found = this.#passValue(field)
      if (found) return found
      scan.skip()
      if (!scan.take(',')) return undefined
    }
  }

  #passValue(field: Field | undefined): Found | undefined {
    const scan = this.#scan
    scan.skip()
    const from = scan.at
    if (scan.atString) {
      scan.takeString()
      return undefined
    }
    const atom = scan.peekAtom()
    scan.at += atom.length
    if (!scan.atEnd) return undefined
    if (!field) return { from, items: [] }
    return { from, items: atom.startsWith('@') ? otherFields(field) : this.#valuesOf(field, atom) }
  }

  #valuesOf(field: Field, prefix: string): Completion[] {
    const given = this.#options.valuesOf?.(field, prefix) ?? []
    const ports = { ...WELL_KNOWN_PORTS, ...this.#options.ports }
    const names = field.form === 'port' ? ports : (field.names ?? {})
    const known = Object.entries(names).map(
      ([text, number]): Completion => ({ text, kind: 'value', detail: String(number) }),
    )
    const networks = /(^|\.)net$/.test(field.name) ? NETWORKS.filter((name) => !given.includes(name)) : []
    return [
      ...[...given, ...networks].map((text): Completion => ({ text: quotedIfNeeded(text), kind: 'value' })),
      ...known,
    ]
  }
}

const quotedIfNeeded = (text: string): string =>
  /^[^\s,()"'#@*\\]+$/.test(text) ? text : `"${text.replaceAll(/[\\"*]/g, '\\$&')}"`

function operatorsOf(field: Field): Completion[] {
  const signs = OPERATORS[field.type].map(
    (text): Completion => ({ text, kind: 'operator', detail: OPERATOR_DETAIL[text] }),
  )
  const words = [
    keyword('in', 'is one of (a, b)'),
    keyword('not in', 'is there and is none of (a, b)'),
    keyword('exists', 'is there'),
  ]
  return [...signs, ...words]
}

function otherFields(field: Field): Completion[] {
  const alike = FIELDS.filter((other) => !other.sides && other.type === field.type && other.name !== field.name)
  return alike.map(({ name, meaning }) => ({ text: `@${name}`, kind: 'field', detail: meaning }))
}
