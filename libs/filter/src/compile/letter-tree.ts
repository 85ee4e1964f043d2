// Pieces of text as a tree of letters, to walk along a text until no piece goes on: most texts leave it after two or three
// letters, however many pieces there are. Nodes are in one hash table, keyed by parent and letter.

export class LetterTree {
  /** For each slot the parent, the letter and the child; child 0 is a free slot. */
  #parents = new Int32Array(16)
  #letters = new Uint16Array(16)
  #children = new Int32Array(16)
  #nodes = 1
  readonly #ends = new Map<number, number[]>()
  /** By node: is it the end of a piece? */
  #isEnd = new Uint8Array(16)

  get isEmpty(): boolean {
    return this.#nodes === 1
  }

  /** Adds a piece whose letters will come in this order. */
  add(letters: Iterable<number>, pattern: number): void {
    let node = ROOT
    for (const letter of letters) {
      const child = this.next(node, letter)
      node = child === NONE ? this.#insert(node, letter) : child
    }
    const patterns = this.#ends.get(node)
    if (patterns) patterns.push(pattern)
    else this.#ends.set(node, [pattern])
    this.#isEnd[node] = 1
  }

  /** The node after a letter; NONE when no piece goes on like this. */
  next(node: number, letter: number): number {
    const mask = this.#children.length - 1
    for (let slot = slotOf(node, letter) & mask; ; slot = (slot + 1) & mask) {
      const child = this.#children[slot]!
      if (child === NONE || (this.#parents[slot] === node && this.#letters[slot] === letter)) return child
    }
  }

  /** The patterns whose piece ends at this node. */
  endsAt(node: number): readonly number[] | undefined {
    return this.#isEnd[node] === 1 ? this.#ends.get(node) : undefined
  }

  #insert(parent: number, letter: number): number {
    const child = this.#nodes++
    if (this.#nodes * 2 > this.#children.length) this.#grow()
    this.#put(parent, letter, child)
    return child
  }

  #put(parent: number, letter: number, child: number): void {
    const mask = this.#children.length - 1
    let slot = slotOf(parent, letter) & mask
    while (this.#children[slot] !== NONE) slot = (slot + 1) & mask
    this.#parents[slot] = parent
    this.#letters[slot] = letter
    this.#children[slot] = child
  }

  #grow(): void {
    const parents = this.#parents
    const letters = this.#letters
    const children = this.#children
    const slots = children.length * 2
    this.#parents = new Int32Array(slots)
    this.#letters = new Uint16Array(slots)
    this.#children = new Int32Array(slots)
    children.forEach((child, slot) => {
      if (child !== NONE) this.#put(parents[slot]!, letters[slot]!, child)
    })
    const isEnd = new Uint8Array(slots)
    isEnd.set(this.#isEnd)
    this.#isEnd = isEnd
  }
}

export const ROOT = 0
export const NONE = 0

/** The root is never a child, so 0 can mean both. */
function slotOf(node: number, letter: number): number {
  const mixed = Math.imul(node ^ (letter << 20) ^ (letter << 7), 0x9e3779b1 | 0)
  return mixed ^ (mixed >>> 15)
}
