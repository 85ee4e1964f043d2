// The plane of a text column. Each text of a batch's dictionary is looked at once, however many flows have it and however many
// columns share the dictionary.
import type { FlowBatch, Numbers } from '@netbehave/schema'
import type { Field } from '../fields.ts'
import type { Test } from '../logic.ts'
import { atLeast, type Classes, type Plane } from './plane.ts'
import { readTexts } from './read-columns.ts'
import { TextMatcher } from './text-matcher.ts'

/** A class number has 16 bits. */
const CLASSES = 0x10000
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
  #texts: readonly string[] | undefined
  #length = 0
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
  classesOf(texts: readonly string[]): Uint16Array {
    // A dictionary that is still being filled is the same array, but longer.
    if (this.#texts === texts && this.#length === texts.length) return this.#classes
    if (this.#matches.length > CLASSES_KEPT || this.#matches.length + texts.length > CLASSES) this.#forget()
    const matcher = (this.#matcher ??= this.#makeMatcher())
    const classes = (this.#classes = atLeast(this.#classes, texts.length, Uint16Array))
    for (let i = 0; i < texts.length; i++) {
      const text = texts[i]!
      if (text === '') classes[i] = MISSING
      else {
        const count = matcher.match(text)
        classes[i] = count === 0 ? UNMATCHED : this.#classOf(matcher, count)
      }
    }
    this.#texts = texts
    this.#length = texts.length
    return classes
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
    const { indices, texts } = readTexts(this.#field, batch)
    const byIndex = this.#classifier.classesOf(texts)
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
