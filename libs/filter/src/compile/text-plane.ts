// The plane of a text column. Each text of a batch's dictionary is looked at once, however many flows have it and however many
// columns share the dictionary.
import { type FlowBatch, type Numbers, TableTexts, type TextTable } from '@netbehave/schema'
import type { Field } from '../fields.ts'
import type { Test } from '../logic.ts'
import { atLeast, type Classes, type Plane } from './plane.ts'
import { readTexts, type TextColumn } from './read-columns.ts'
import { TextMatcher } from './text-matcher.ts'

/** A class number and one more have 16 bits. */
const CLASSES = 0xffff
/** Above, classes are forgotten before the next dictionary: texts that others choose must not fill the memory. */
const CLASSES_KEPT = 4096
const MISSING = 0
const UNMATCHED = 1

/** Sorts texts into classes by which patterns they match. One for each dictionary. */
export class TextClassifier {
  readonly #patterns: (readonly string[])[] = []
  readonly #patternIndex = new Map<string, number>()
  #matcher: TextMatcher | undefined
  /** For each class, the patterns that its texts match. */
  #matches: ReadonlySet<number>[] = [new Set(), new Set()]
  readonly #classIndex = new Map<string, number>()
  /** Class of the texts that match one pattern only, by pattern; 0 until there is one. */
  #single = new Uint16Array()
  /** Counted up when classes were forgotten. */
  generation = 0
  #dictionary: TextColumn['dictionary'] | undefined
  #length = 0
  /** For each text of a table 1 + its class; 0: not known yet. */
  #ofTable = new WeakMap<TextTable, Uint16Array>()
  #classes = new Uint16Array()

  /** The number of a pattern, the same for the same pattern. All come before the first text. */
  addPattern(parts: readonly string[]): number {
    const key = parts.join('\0')
    const known = this.#patternIndex.get(key)
    if (known !== undefined) return known
    this.#patternIndex.set(key, this.#patterns.length)
    return this.#patterns.push(parts) - 1
  }

  get classCount(): number {
    return this.#matches.length
  }

  matches(pattern: number, klass: number): boolean {
    return this.#matches[klass]!.has(pattern)
  }

  /** Class of each text; the array holds until the next call with other texts. */
  classesOf(dictionary: TextColumn['dictionary']): Uint16Array {
    const { length } = dictionary
    // A dictionary that is still being filled is the same array, but longer.
    if (this.#dictionary === dictionary && this.#length === length) return this.#classes
    if (this.#matches.length > CLASSES_KEPT || this.#matches.length + length > CLASSES) this.#forget()
    const classes = (this.#classes = atLeast(this.#classes, length, Uint16Array))
    if (dictionary instanceof TableTexts) this.#classifyTable(dictionary, classes)
    else for (let i = 0; i < length; i++) classes[i] = this.#classify(dictionary[i]!)
    this.#dictionary = dictionary
    this.#length = length
    return classes
  }

  /** A text of a table is looked at once, for all batches. */
  #classifyTable({ table, numbers }: TableTexts, classes: Uint16Array): void {
    let known = this.#ofTable.get(table)
    if (known === undefined || known.length < table.size) {
      const more = new Uint16Array(2 * table.size)
      if (known !== undefined) more.set(known)
      known = more
      this.#ofTable.set(table, known)
    }
    for (let i = 0; i < numbers.length; i++) {
      const number = numbers[i]!
      if (known[number] === 0) known[number] = 1 + this.#classify(table.text(number))
      classes[i] = known[number]! - 1
    }
  }

  #classify(text: string): number {
    if (text === '') return MISSING
    const matcher = (this.#matcher ??= this.#makeMatcher())
    const count = matcher.match(text)
    return count === 0 ? UNMATCHED : this.#classOf(matcher, count)
  }

  #classOf(matcher: TextMatcher, count: number): number {
    const only = count === 1 ? matcher.matchedAt(0) : -1
    if (only >= 0 && this.#single[only]! !== 0) return this.#single[only]!
    const matched = Array.from({ length: count }, (_, k) => matcher.matchedAt(k))
    const key = matched.join()
    const known = this.#classIndex.get(key)
    if (known !== undefined) return known
    const klass = this.#matches.push(new Set(matched)) - 1
    this.#classIndex.set(key, klass)
    if (only >= 0) this.#single[only] = klass
    return klass
  }

  #makeMatcher(): TextMatcher {
    this.#single = new Uint16Array(this.#patterns.length)
    return new TextMatcher(this.#patterns)
  }

  #forget(): void {
    this.#single.fill(0)
    this.#matches = [new Set(), new Set()]
    this.#classIndex.clear()
    this.#ofTable = new WeakMap()
    this.generation++
  }
}

export class TextPlane implements Plane {
  readonly cost = 3
  readonly #field: Field
  readonly #classifier: TextClassifier
  /** Pattern of each test; undefined: is there a text at all? */
  readonly #tests: (number | undefined)[] = []
  #classes = new Uint16Array()
  #wide = new Float64Array()

  constructor(field: Field, classifier: TextClassifier) {
    this.#field = field
    this.#classifier = classifier
  }

  add(test: Test): number {
    return this.#tests.push(test.kind === 'text' ? this.#classifier.addPattern(test.parts) : undefined) - 1
  }

  seal(): void {}

  get classCount(): number {
    return this.#classifier.classCount
  }

  get generation(): number {
    return this.#classifier.generation
  }

  holds(test: number, klass: number): boolean {
    const pattern = this.#tests[test]
    return pattern === undefined ? klass !== MISSING : this.#classifier.matches(pattern, klass)
  }

  classify(batch: FlowBatch): Classes {
    const { indices, dictionary } = readTexts(this.#field, batch)
    const byIndex = this.#classifier.classesOf(dictionary)
    if (typeof indices === 'number') return byIndex[indices]!
    const n = batch.length
    const classes = (this.#classes = atLeast(this.#classes, n, Uint16Array))
    if (indices instanceof Uint8Array) lookUp8(indices, n, byIndex, classes)
    else if (indices instanceof Uint16Array) lookUp16(indices, n, byIndex, classes)
    else lookUpWide(this.#widen(indices, n), n, byIndex, classes)
    return classes
  }

  #widen(indices: Numbers, n: number): Float64Array {
    this.#wide = atLeast(this.#wide, n, Float64Array)
    this.#wide.set(indices)
    return this.#wide
  }
}

// The same loop three times: one that sees several array types runs several times slower.
function lookUp8(indices: Uint8Array, n: number, byIndex: Uint16Array, classes: Uint16Array): void {
  for (let i = 0; i < n; i++) classes[i] = byIndex[indices[i]!]!
}

function lookUp16(indices: Uint16Array, n: number, byIndex: Uint16Array, classes: Uint16Array): void {
  for (let i = 0; i < n; i++) classes[i] = byIndex[indices[i]!]!
}

function lookUpWide(indices: Float64Array, n: number, byIndex: Uint16Array, classes: Uint16Array): void {
  for (let i = 0; i < n; i++) classes[i] = byIndex[indices[i]!]!
}
