// Many patterns against one text. Those with a literal end (`*.example.com`, also those without any `*`) are found by walking
// from the text's end, those with a literal start from its start, so that their number hardly counts. What is left (`*google*`)
// is tried one by one.
import { fold, matchesParts } from '../fold.ts'
import { IS_END, LetterTree, NONE, ROOT, ROW } from './letter-tree.ts'

export class TextMatcher {
  readonly #patterns: readonly (readonly string[])[]
  readonly #ends = new LetterTree()
  readonly #starts = new LetterTree()
  /** Patterns with neither start nor end. */
  readonly #others: number[] = []
  /** The numbers of the patterns that the last text matched, the first `#count`. */
  readonly #matched: Uint32Array
  #count = 0
  /** Is the pattern no more than a literal end? */
  readonly #isEndOnly: boolean[]
  /** Patterns as folded pieces. */
  constructor(patterns: readonly (readonly string[])[]) {
    this.#patterns = patterns
    this.#matched = new Uint32Array(patterns.length)
    this.#isEndOnly = patterns.map((parts) => parts.length === 2 && parts[0] === '')
    patterns.forEach((parts, pattern) => {
      const end = parts.at(-1)!
      if (end !== '') this.#ends.add(letters(end).reverse(), pattern)
      else if (parts[0] !== '') this.#starts.add(letters(parts[0]!), pattern)
      else this.#others.push(pattern)
    })
  }

  /** How many patterns a text matches; which they are, `matchedAt` tells until the next text. */
  match(text: string): number {
    if (!this.#matchLetters(text, false)) this.#matchLetters(fold(text), true)
    if (this.#count > 1) this.#matched.subarray(0, this.#count).sort()
    return this.#count
  }

  /** The k-th pattern that the last text matched, in rising order. */
  matchedAt(k: number): number {
    return this.#matched[k]!
  }

  /** False when the text must be folded first: it has a letter beyond ASCII where that counts. */
  #matchLetters(text: string, isFolded: boolean): boolean {
    this.#count = 0
    const { length } = text
    let node = ROOT
    for (let at = length - 1; at >= 0; at--) {
      const child = this.#step(this.#ends, node, text.charCodeAt(at), isFolded)
      if (child <= NONE) {
        if (child === UNFOLDED) return false
        break
      }
      node = child >> 1
      if ((child & IS_END) !== 0) this.#check(this.#ends.ends[node]!, text)
    }
    node = ROOT
    for (let at = 0; at < length && !this.#starts.isEmpty; at++) {
      const child = this.#step(this.#starts, node, text.charCodeAt(at), isFolded)
      if (child <= NONE) {
        if (child === UNFOLDED) return false
        break
      }
      node = child >> 1
      if ((child & IS_END) !== 0) this.#check(this.#starts.ends[node]!, text)
    }
    if (this.#others.length > 0) this.#check(this.#others, text)
    return true
  }

  /** Letters beyond ASCII, and NUL, may be others once they are folded. */
  #step(tree: LetterTree, node: number, letter: number, isFolded: boolean): number {
    if (letter < ROW && letter !== 0) return tree.children[node * ROW + letter]!
    return isFolded ? tree.child(node, letter) : UNFOLDED
  }

  #check(patterns: readonly number[], text: string): void {
    for (let k = 0; k < patterns.length; k++) {
      const pattern = patterns[k]!
      if (this.#isEndOnly[pattern] || matchesParts(this.#patterns[pattern]!, fold(text))) {
        this.#matched[this.#count++] = pattern
      }
    }
  }
}

/** In place of a child: the text must be folded first. */
const UNFOLDED = -1

const letters = (text: string): number[] => Array.from({ length: text.length }, (_, i) => text.charCodeAt(i))
