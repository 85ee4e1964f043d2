// Many patterns against one text. Those with a literal end (`*.example.com`, also those without any `*`) are found by walking
// from the text's end, those with a literal start from its start, so that their number hardly counts. What is left (`*google*`)
// is tried one by one.
import { fold, matchesParts } from '../fold.ts'
import { LetterTree, NONE, ROOT } from './letter-tree.ts'

export class TextMatcher {
  readonly #patterns: readonly (readonly string[])[]
  readonly #ends = new LetterTree()
  readonly #starts = new LetterTree()
  /** Patterns with neither start nor end. */
  readonly #others: number[] = []
  /** Is the pattern no more than a literal end? */
  readonly #isEndOnly: boolean[]
  /** Patterns as folded pieces. */
  constructor(patterns: readonly (readonly string[])[]) {
    this.#patterns = patterns
    this.#isEndOnly = patterns.map((parts) => parts.length === 2 && parts[0] === '')
    patterns.forEach((parts, pattern) => {
      const end = parts.at(-1)!
      if (end !== '') this.#ends.add(letters(end).reverse(), pattern)
      else if (parts[0] !== '') this.#starts.add(letters(parts[0]!), pattern)
      else this.#others.push(pattern)
    })
  }

  /** Puts the numbers of the patterns that a text matches into `matched`, in rising order. */
  match(text: string, matched: number[]): void {
    if (!this.#matchLetters(text, matched, false)) this.#matchLetters(fold(text), matched, true)
    if (matched.length > 1) matched.sort((a, b) => a - b)
  }

  /** False when the text must be folded first: it has a letter beyond ASCII where that counts. */
  #matchLetters(text: string, matched: number[], isFolded: boolean): boolean {
    matched.length = 0
    if (!this.#walk(this.#ends, text, text.length - 1, -1, matched, isFolded)) return false
    if (!this.#starts.isEmpty && !this.#walk(this.#starts, text, 0, 1, matched, isFolded)) return false
    if (this.#others.length > 0) this.#check(this.#others, text, matched)
    return true
  }

  #walk(tree: LetterTree, text: string, from: number, step: 1 | -1, matched: number[], isFolded: boolean): boolean {
    let node = ROOT
    for (let at = from; at >= 0 && at < text.length; at += step) {
      let letter = text.charCodeAt(at)
      if (letter >= 0x41 && letter <= 0x5a) letter += 0x20
      else if ((letter >= 0x80 || letter === 0) && !isFolded) return false
      node = tree.next(node, letter)
      if (node === NONE) return true
      const found = tree.endsAt(node)
      if (found !== undefined) this.#check(found, text, matched)
    }
    return true
  }

  #check(patterns: readonly number[], text: string, matched: number[]): void {
    for (const pattern of patterns) {
      if (this.#isEndOnly[pattern] || matchesParts(this.#patterns[pattern]!, fold(text))) matched.push(pattern)
    }
  }
}

const letters = (text: string): number[] => Array.from({ length: text.length }, (_, i) => text.charCodeAt(i))
