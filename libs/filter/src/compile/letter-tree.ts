// Pieces of text as a tree of letters, to walk along a text until no piece goes on: most texts leave it after two or three
// letters, however many pieces there are. A node has a row of 128 places for ASCII (512 bytes for each distinct letter of the
// pieces: 100 zones are about half a megabyte), with capital letters beside small ones; other letters are in a map.

/** Letters that have a place in a node's row: ASCII. */
export const ROW = 128
export const ROOT = 0
/** No piece goes on. The root is never a child, so 0 can mean both. */
export const NONE = 0
/** Set in a child when a piece ends there. */
export const IS_END = 1

export class LetterTree {
  /** By node × ROW + letter: the child × 2, with IS_END or without. */
  children = new Int32Array(16 * ROW)
  /** The same by node × 65,536 + letter, for letters beyond ASCII. */
  readonly #others = new Map<number, number>()
  #nodes = 1
  /** By node: the patterns whose piece ends there. */
  readonly ends: number[][] = [[]]

  get isEmpty(): boolean {
    return this.#nodes === 1
  }

  /** Adds a piece whose letters (UTF-16 code units, folded) will come in this order. */
  add(letters: readonly number[], pattern: number): void {
    let node = ROOT
    letters.forEach((letter, i) => {
      const known = this.child(node, letter)
      const child = known === NONE ? this.#nodes++ * 2 : known
      if (known === NONE) {
        this.ends.push([])
        this.#grow()
      }
      this.#set(node, letter, i === letters.length - 1 ? child | IS_END : child)
      node = child >> 1
    })
    this.ends[node]!.push(pattern)
  }

  /** What comes after a letter, for any letter; see `children`. */
  child(node: number, letter: number): number {
    return letter < ROW ? this.children[node * ROW + letter]! : (this.#others.get(node * 0x10000 + letter) ?? NONE)
  }

  #set(node: number, letter: number, child: number): void {
    if (letter >= ROW) this.#others.set(node * 0x10000 + letter, child)
    else this.children[node * ROW + letter] = child
    const capital = letter >= 0x61 && letter <= 0x7a ? letter - 0x20 : letter
    if (capital !== letter) this.children[node * ROW + capital] = child
  }

  #grow(): void {
    if (this.#nodes * ROW <= this.children.length) return
    const grown = new Int32Array(this.children.length * 2)
    grown.set(this.children)
    this.children = grown
  }
}
