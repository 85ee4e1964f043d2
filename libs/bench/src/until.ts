// Waiting for a condition of a running system. In: a question that is asked again and again. Fails: Error that says what
// did not come true, with the last answer.

/** Pause before a question is asked again: as long as the answer took, so that asking leaves the machine to those who are asked. */
const PAUSE_MS = { least: 100, most: 2_000 }

type Ask<T> = () => T | undefined | false | Promise<T | undefined | false>
type Limit = { timeoutMs?: number; lastSeen?: () => unknown }

/**
 * The first answer that is not undefined or false. Without a name for it the question's own text is what the error says.
 * The default limit is far beyond what a healthy system takes.
 */
export function until<T>(ask: Ask<T>, limit?: Limit): Promise<T>
export function until<T>(what: string, ask: Ask<T>, limit?: Limit): Promise<T>
export function until<T>(first: string | Ask<T>, second?: Ask<T> | Limit, third?: Limit): Promise<T> {
  if (typeof first === 'string') return untilAnswered(first, second as Ask<T>, third)
  return untilAnswered(first.toString(), first, second as Limit)
}

async function untilAnswered<T>(what: string, ask: Ask<T>, { timeoutMs = 60_000, lastSeen }: Limit = {}): Promise<T> {
  const giveUpAt = performance.now() + timeoutMs
  for (;;) {
    const askedAt = performance.now()
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (performance.now() > giveUpAt) {
      const seen = lastSeen ? `; last seen: ${JSON.stringify(lastSeen())}` : ''
      throw new Error(`waited ${timeoutMs / 1000} s in vain: ${what}${seen}`)
    }
    const pauseMs = Math.min(Math.max(performance.now() - askedAt, PAUSE_MS.least), PAUSE_MS.most)
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}
