// An ordered list of filters → which one matches each flow of a batch first. All conditions on a column are answered by one
// look-up in that column (plane.ts), as one bit for each line of up to 32; the columns' answers are and-ed; the lowest bit that
// is left is the first line that holds. (The idea: Lakshman and Stiliadis, "High-Speed Policy-based Packet Forwarding Using
// Efficient Multi-dimensional Range Matching", SIGCOMM 1998.) Nothing is allocated for a flow.
import { columnSpec, type FlowBatch } from '@netbehave/schema'
import type { Ast } from '../ast.ts'
import type { Field } from '../fields.ts'
import { type Logic, toLogic } from '../logic.ts'
import { AddressPlane } from './address-plane.ts'
import { DerivedPlane, deriveAddressGlob, deriveComparison } from './derived-plane.ts'
import { type Line, type LineTest, toLines } from './lines.ts'
import { NumberPlane } from './number-plane.ts'
import { atLeast, type Classes, type Plane } from './plane.ts'
import { TextClassifier, TextPlane } from './text-plane.ts'

/** A compiled list. It holds what it learned of texts and scratch memory: one for each list, used by one thread. */
export interface CompiledRules {
  /** For each flow of the batch, 1 + the position of the first filter that it matches, or 0. A new array each time. */
  bind(batch: FlowBatch): Uint16Array
}

/** Filters that one list may have: positions are 16 bits, and 0 is none. */
export const RULES = 0xffff

/** Compiles filters in the order in which they are asked. Throws RangeError for more than RULES. */
export function compileRules(filters: readonly Ast[]): CompiledRules {
  return compileLogics(filters.map((filter) => toLogic(filter)))
}

/** A test's plane, and its number there. */
interface PlaneTest {
  readonly plane: Plane
  readonly test: number
  readonly negated: boolean
}

/** Up to 32 lines. */
interface Word {
  /** 1 + the position of the rule of each line. */
  readonly rules: number[]
  readonly lines: (readonly PlaneTest[])[]
}

/** A plane in the batch at hand; asked when the first word needs it. */
interface AskedPlane {
  readonly plane: Plane
  answer: Classes | undefined
}

/** The answers of one plane for the lines of one word. */
interface Column {
  readonly asked: AskedPlane
  readonly word: Word
  /** For each class, a bit for each line whose tests on this plane all hold. */
  masks: Int32Array
  /** Classes in `masks`. */
  classes: number
  generation: number | undefined
}

function compileLogics(logics: readonly Logic[]): CompiledRules {
  if (logics.length > RULES) throw new RangeError(`a list of rules has at most ${RULES}`)
  const planes = new Planes()
  const words: Word[] = []
  logics.forEach((logic, position) => {
    for (const line of toLines(logic)) {
      if (words.length === 0 || words.at(-1)!.lines.length === 32) words.push({ rules: [], lines: [] })
      words.at(-1)!.lines.push(planes.resolve(line))
      words.at(-1)!.rules.push(position + 1)
    }
  })
  planes.seal()
  return new RuleTable(words)
}

class RuleTable implements CompiledRules {
  readonly #words: { readonly word: Word; readonly columns: readonly Column[]; readonly all: number }[]
  readonly #asked: AskedPlane[]
  #left = new Int32Array()

  constructor(words: readonly Word[]) {
    const planes = new Set(words.flatMap((word) => word.lines.flat()).map(({ plane }) => plane))
    this.#asked = [...planes].sort((a, b) => a.cost - b.cost).map((plane) => ({ plane, answer: undefined }))
    this.#words = words.map((word) => {
      const used = new Set(word.lines.flatMap((tests) => tests.map(({ plane }) => plane)))
      const columns = this.#asked.filter(({ plane }) => used.has(plane)).map((asked) => columnOf(asked, word))
      return { word, columns, all: word.lines.length === 32 ? -1 : (1 << word.lines.length) - 1 }
    })
  }

  bind(batch: FlowBatch): Uint16Array {
    const n = batch.length
    const first = new Uint16Array(n)
    const left = (this.#left = atLeast(this.#left, n, Int32Array))
    for (const asked of this.#asked) asked.answer = undefined
    for (const { word, columns, all } of this.#words) {
      // Lines that may still hold: for every flow in `common`, for each in `left`.
      let common = all
      left.fill(all, 0, n)
      for (const column of columns) {
        const classes = (column.asked.answer ??= column.asked.plane.classify(batch))
        const masks = masksOf(column)
        if (typeof classes === 'number') common &= masks[classes]!
        else if ((keep(left, classes, masks, n) & common) === 0) common = 0
        if (common === 0) break
      }
      if (common !== 0) takeFirst(first, left, common, word.rules, n)
    }
    return first
  }
}

function columnOf(asked: AskedPlane, word: Word): Column {
  return { asked, word, masks: new Int32Array(16), classes: 0, generation: asked.plane.generation }
}

/** Strikes out the lines that a column rules out; gives the lines that are left for any flow. */
function keep(left: Int32Array, classes: Uint16Array, masks: Int32Array, n: number): number {
  let any = 0
  for (let i = 0; i < n; i++) any |= left[i] = left[i]! & masks[classes[i]!]!
  return any
}

function takeFirst(first: Uint16Array, left: Int32Array, common: number, rules: readonly number[], n: number): void {
  for (let i = 0; i < n; i++) {
    const lines = left[i]! & common
    if (lines !== 0 && first[i] === 0) first[i] = rules[31 - Math.clz32(lines & -lines)]!
  }
}

/** The masks, with those of classes that are new. */
function masksOf(column: Column): Int32Array {
  const { word } = column
  const { plane } = column.asked
  if (column.generation !== plane.generation) {
    column.generation = plane.generation
    column.classes = 0
  }
  const count = plane.classCount
  if (count > column.masks.length) {
    const grown = new Int32Array(Math.max(count, column.masks.length * 2))
    grown.set(column.masks)
    column.masks = grown
  }
  for (let klass = column.classes; klass < count; klass++) {
    let mask = 0
    word.lines.forEach((tests, line) => {
      const holds = tests.every((test) => test.plane !== plane || plane.holds(test.test, klass) !== test.negated)
      if (holds) mask |= 1 << line
    })
    column.masks[klass] = mask
  }
  column.classes = count
  return column.masks
}

/** The planes of one list, one for each column that it asks about. */
class Planes {
  readonly #planes = new Map<string, Plane>()
  readonly #classifiers = new Map<string, TextClassifier>()
  #derived = 0

  resolve(line: Line): PlaneTest[] {
    return line.map((test) => {
      if (test.kind === 'whole') return { plane: this.#wholePlane(test.logic), test: 0, negated: false }
      const plane = this.#planeOf(test)
      return { plane, test: plane.add(test.test), negated: test.negated }
    })
  }

  seal(): void {
    for (const plane of this.#planes.values()) plane.seal()
  }

  #wholePlane(logic: Logic): Plane {
    const rules = compileLogics([logic])
    return this.#plane(
      `derived ${this.#derived++}`,
      () => new DerivedPlane((batch, passes) => passes.set(rules.bind(batch))),
    )
  }

  #planeOf({ field, test }: Extract<LineTest, { kind: 'leaf' }>): Plane {
    const source = field.source!
    if (test.kind === 'field') {
      return this.#plane(
        `${source} ${test.op} ${test.other.source}`,
        () => new DerivedPlane(deriveComparison(field, test)),
      )
    }
    if (test.kind === 'address-glob') {
      return this.#plane(`${source} ${test.glob}`, () => new DerivedPlane(deriveAddressGlob(field, test.glob)))
    }
    return this.#plane(source, () => {
      if (field.type === 'text') return new TextPlane(field, this.#classifierOf(field))
      return field.type === 'address' ? new AddressPlane(field) : new NumberPlane(field)
    })
  }

  #plane(key: string, make: () => Plane): Plane {
    const plane = this.#planes.get(key) ?? make()
    this.#planes.set(key, plane)
    return plane
  }

  /** Columns that share a dictionary share what is known of its texts. */
  #classifierOf(field: Field): TextClassifier {
    const key = field.source === 'site' ? 'site' : (columnSpec(field.source as 'srcName').dictionary ?? '')
    const classifier = this.#classifiers.get(key) ?? new TextClassifier()
    this.#classifiers.set(key, classifier)
    return classifier
  }
}
