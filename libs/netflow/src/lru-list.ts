// A doubly linked list in order of use: newest first, O(1) to touch and to find the oldest. The links live in the items'
// own link objects, so that touching the newest item (the usual case of one busy exporter) is one comparison.

export class LruLink<T> {
  readonly owner: T
  newer: LruLink<T> | undefined = undefined
  older: LruLink<T> | undefined = undefined

  constructor(owner: T) {
    this.owner = owner
  }
}

export class LruList<T> {
  #newest: LruLink<T> | undefined = undefined
  #oldest: LruLink<T> | undefined = undefined
  size = 0

  get oldest(): T | undefined {
    return this.#oldest?.owner
  }

  /** Where a walk from the oldest to the newest starts. */
  get oldestLink(): LruLink<T> | undefined {
    return this.#oldest
  }

  add(link: LruLink<T>): void {
    link.older = this.#newest
    link.newer = undefined
    if (this.#newest) this.#newest.newer = link
    this.#newest = link
    this.#oldest ??= link
    this.size++
  }

  remove(link: LruLink<T>): void {
    if (link.newer) link.newer.older = link.older
    else this.#newest = link.older
    if (link.older) link.older.newer = link.newer
    else this.#oldest = link.newer
    link.newer = undefined
    link.older = undefined
    this.size--
  }

  touch(link: LruLink<T>): void {
    if (link === this.#newest) return
    this.remove(link)
    this.add(link)
  }
}
