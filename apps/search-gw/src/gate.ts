// So many at once, so many waiting, the rest is refused: for work that takes memory or CPU on somebody else's word.
// Fails: GateFullError at once, or the signal's reason while waiting.

export class GateFullError extends Error {
  override readonly name = 'GateFullError'
}

export interface GateLimits {
  readonly atOnce: number
  readonly waiting: number
}

export class Gate {
  readonly #limits: GateLimits
  readonly #queue: (() => void)[] = []
  #running = 0
  /** How often somebody was refused. */
  refused = 0

  constructor(limits: GateLimits) {
    this.#limits = limits
  }

  get running(): number {
    return this.#running
  }

  get waiting(): number {
    return this.#queue.length
  }

  /** A place, when it is one's turn; dispose it when done. */
  async enter(signal?: AbortSignal): Promise<Disposable> {
    signal?.throwIfAborted()
    if (this.#running >= this.#limits.atOnce) {
      if (this.#queue.length >= this.#limits.waiting) {
        this.refused++
        throw new GateFullError('too much is asked at once; try again in a moment')
      }
      await this.#turn(signal)
    } else this.#running++
    let left = false
    return {
      [Symbol.dispose]: () => {
        if (left) return
        left = true
        const next = this.#queue.shift()
        if (next) next()
        else this.#running--
      },
    }
  }

  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    using _place = await this.enter(signal)
    return await work()
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        const at = this.#queue.indexOf(go)
        if (at >= 0) this.#queue.splice(at, 1)
        reject(signal?.reason as Error)
      }
      const go = () => {
        signal?.removeEventListener('abort', leave)
        resolve()
      }
      signal?.addEventListener('abort', leave, { once: true })
      this.#queue.push(go)
    })
  }
}
