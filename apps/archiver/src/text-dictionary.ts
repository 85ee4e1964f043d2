// The texts of one flush, each once. Batches bring dictionaries of their own; an index of theirs becomes one of these.

/** Text ⇄ index; 0 is "no text". */
export class TextDictionary {
  readonly #index = new Map<string, number>()
  readonly #form: (text: string) => string
  readonly #texts: string[] = []
  /** Characters held, for the limit on a flush's memory. */
  characters = 0

  /** `form`: how a text is written, applied once to each. */
  constructor(form: (text: string) => string = storable) {
    this.#form = form
  }

  /** The texts of indices 1, 2, … */
  get texts(): readonly string[] {
    return this.#texts
  }

  /** The index of a text, added when new; 0 for the empty text. */
  add(text: string): number {
    if (text === '') return 0
    const known = this.#index.get(text)
    if (known !== undefined) return known
    const written = this.#form(text)
    let index = this.#index.get(written)
    if (index === undefined) {
      index = this.#texts.push(written)
      this.characters += written.length
      this.#index.set(written, index)
    }
    this.#index.set(text, index)
    return index
  }

  /** For each index of a batch's dictionary, the index here. */
  remap(texts: readonly string[]): Uint32Array {
    const indices = new Uint32Array(texts.length)
    for (let i = 1; i < texts.length; i++) indices[i] = this.add(texts[i]!)
    return indices
  }

  clear(): void {
    this.#index.clear()
    this.#texts.length = 0
    this.characters = 0
  }
}

/** Half a surrogate pair has no UTF-8 form, and NUL ends a text in C: both become the replacement character. */
const storable = (text: string): string => text.toWellFormed().replaceAll('\0', '\ufffd')
