// Pieces of text as a tree of letters, to walk along a text until no piece goes on: most texts leave it after two or three
// letters, however many pieces there are. A node has a row of 128 places for ASCII (512 bytes for each distinct letter of the
// pieces: 100 zones are about half a megabyte); other letters are in a map. Half the time of one hash table for all.

export const ROOT = 0
/** The root is never a child, so 0 can mean both. */
export const NONE = 0
/** Letters that have a place in a node's row: ASCII. */
const ROW = 128

export class LetterTree {
  /** Child by node and letter. */
  #children = new Int32Array(16 * ROW)
  /** Children by other letters: node × 65,536 + letter. */
  readonly #others = new Map<number, number>()
  #nodes = 1
  readonly #ends: (number[] | undefined)[] = [undefined]

  get isEmpty(): boolean {
    return this.#nodes === 1
  }

  /** Adds a piece whose letters (UTF-16 code units) will come in this order. */
  add(letters: Iterable<number>, pattern: number): void {
    let node = ROOT
    for (const letter of letters) {
      const child = this.next(node, letter)
      node = child === NONE ? this.#insert(node, letter) : child
    }
    ;(this.#ends[node] ??= []).push(pattern)
  }

  /** The node after a letter; NONE when no piece goes on like this. */
  next(node: number, letter: number): number {
    if (letter < ROW) return this.#children[node * ROW + letter]!
    return this.#others.get(node * 0x10000 + letter) ?? NONE
  }

  /** The patterns whose piece ends at this node. */
  endsAt(node: number): readonly number[] | undefined {
    return this.#ends[node]
  }

  #insert(parent: number, letter: number): number {
    const child = this.#nodes++
    this.#ends.push(undefined)
    if (this.#nodes * ROW > this.#children.length) {
      const grown = new Int32Array(this.#children.length * 2)
      grown.set(this.#children)
      this.#children = grown
    }
    if (letter < ROW) this.#children[parent * ROW + letter] = child
    else this.#others.set(parent * 0x10000 + letter, child)
    return child
  }
}
