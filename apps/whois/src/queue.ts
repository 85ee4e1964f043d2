// Addresses that wait to be asked for, each once, in the order in which they came, for each registry. Limits: `limit` addresses in
// all; beyond it new ones are left out. Those that got no usable answer rest, as many at most, before they may come again.
import { REGISTRIES, type Registry } from '@netbehave/schema'
import type { Question } from './ask.ts'
import type { Authority } from './bootstrap.ts'

export interface Waiting extends Question {
  readonly authority: Authority
  readonly attempts: number
}

export class Queue {
  readonly #limit: number
  readonly #lines: ReadonlyMap<Registry, Map<string, Waiting>> = new Map(REGISTRIES.map((name) => [name, new Map()]))
  /** Taken out and not answered yet. */
  readonly #underWay = new Set<string>()
  /** Text → epoch ms until which the address rests. */
  readonly #resting = new Map<string, number>()
  readonly counters = { added: 0, leftOut: 0 }

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    let size = this.#underWay.size
    for (const line of this.#lines.values()) size += line.size
    return size
  }

  sizeOf(registry: Registry): number {
    return this.#lines.get(registry)!.size
  }

  /** Returns whether it waits now and did not before. */
  add(question: Question, authority: Authority, nowMs: number): boolean {
    const { text } = question
    const line = this.#lines.get(authority.registry)!
    if (line.has(text) || this.#underWay.has(text) || this.#rests(text, nowMs)) return false
    if (this.size >= this.#limit) {
      this.counters.leftOut++
      return false
    }
    line.set(text, { ...question, authority, attempts: 0 })
    this.counters.added++
    return true
  }

  /** The first in line. Whoever takes it says `done`, `again` or `rest`. */
  take(registry: Registry): Waiting | undefined {
    const line = this.#lines.get(registry)!
    for (const [text, waiting] of line) {
      line.delete(text)
      this.#underWay.add(text)
      return waiting
    }
    return undefined
  }

  done({ text }: Waiting): void {
    this.#underWay.delete(text)
  }

  /** To the end of its line. */
  again(waiting: Waiting, attempts = waiting.attempts): void {
    this.#underWay.delete(waiting.text)
    this.#lines.get(waiting.authority.registry)!.set(waiting.text, { ...waiting, attempts })
  }

  rest({ text }: Waiting, untilMs: number): void {
    this.#underWay.delete(text)
    this.#resting.set(text, untilMs)
    if (this.#resting.size > this.#limit) this.#resting.delete(this.#resting.keys().next().value!)
  }

  #rests(text: string, nowMs: number): boolean {
    const untilMs = this.#resting.get(text)
    if (untilMs === undefined) return false
    if (untilMs > nowMs) return true
    this.#resting.delete(text)
    return false
  }

  /** Nothing rests any more. */
  wake(): void {
    this.#resting.clear()
  }
}
