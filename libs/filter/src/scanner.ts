// Reads the pieces of a filter's text from left to right: words, operators, strings, values. What a piece means depends on
// where it stands, so the parser asks for the one it wants. Fails: FilterError for a string that does not end.
import type { Operator } from './ast.ts'
import { FilterError } from './filter-error.ts'
import type { RawValue } from './read-value.ts'

export type Keyword = 'and' | 'or' | 'not' | 'in' | 'exists'
const KEYWORDS: ReadonlySet<string> = new Set<Keyword>(['and', 'or', 'not', 'in', 'exists'])

const BLANKS = /(?:\s|#[^\n]*)+/y
/** To a space, comma or parenthesis. */
const ATOM = /[^\s,()]+/y
/** An atom that also ends before an operator. */
const NAME = /(?:[^\s,()=<>~:!]|!(?![=~]))+/y
const OPERATOR = /==|!=|!~|<=|>=|=|:|<|>|~/y
const STRING = /"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'/y

export class Scanner {
  readonly text: string
  /** Offset of the next character. */
  at = 0

  constructor(text: string) {
    this.text = text
  }

  get atEnd(): boolean {
    return this.at >= this.text.length
  }

  get next(): string {
    return this.text.charAt(this.at)
  }

  /** Passes spaces and comments. */
  skip(): void {
    this.#match(BLANKS)
  }

  /** Takes exactly this, if it is next. */
  take(literal: string): boolean {
    if (!this.text.startsWith(literal, this.at)) return false
    this.at += literal.length
    return true
  }

  /** The atom that is next, without taking it; empty if there is none. */
  peekAtom(): string {
    return this.#peek(ATOM)
  }

  /** The name that is next, without taking it; empty if there is none. */
  peekName(): string {
    return this.#peek(NAME)
  }

  /** The keyword that is next, without taking it. */
  peekKeyword(): Keyword | undefined {
    const name = this.peekName().toLowerCase()
    return KEYWORDS.has(name) ? (name as Keyword) : undefined
  }

  /** Takes this keyword, if it is next. */
  takeKeyword(keyword: Keyword): boolean {
    if (this.peekKeyword() !== keyword) return false
    this.at += keyword.length
    return true
  }

  /** Takes an operator, after spaces; leaves everything as it is when there is none. */
  takeOperator(): Operator | undefined {
    const before = this.at
    this.skip()
    const written = this.#match(OPERATOR)
    if (written === '') this.at = before
    return written === '' ? undefined : written === '==' || written === ':' ? '=' : (written as Operator)
  }

  get atString(): boolean {
    return this.next === '"' || this.next === "'"
  }

  /** Takes a quoted string: `*` stands for anything, and `\*`, `\"`, `\'`, `\\` for themselves. */
  takeString(): RawValue {
    const from = this.at
    const written = this.#match(STRING)
    if (written === '') {
      throw new FilterError(`a text that begins with ${this.next} must end with ${this.next}`, from, this.text.length, [
        this.next,
      ])
    }
    return { parts: splitString(written.slice(1, -1)), from, to: this.at }
  }

  /** Takes an atom; its `*` stand for anything. */
  takeAtom(): RawValue {
    const from = this.at
    const atom = this.#match(ATOM)
    return { parts: splitStars(atom), from, to: this.at }
  }

  #peek(pattern: RegExp): string {
    const before = this.at
    const matched = this.#match(pattern)
    this.at = before
    return matched
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.at
    const matched = pattern.exec(this.text)?.[0] ?? ''
    this.at += matched.length
    return matched
  }
}

/** The pieces between the stars; several stars in a row are one. */
export const splitStars = (text: string): string[] => text.split(/\*+/)

function splitString(text: string): string[] {
  const parts = ['']
  for (const [piece] of text.matchAll(/\\[\\*"']|\*+|[\s\S]/g)) {
    if (piece.startsWith('*')) parts.push('')
    else parts[parts.length - 1] += piece.length === 2 && piece.startsWith('\\') ? piece[1]! : piece
  }
  return parts
}
