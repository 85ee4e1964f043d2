// Waiting for a condition of a running system. In: a question that is asked again and again. Fails: Error that says what
// did not come true, with the last answer.

const ASK_AGAIN_MS = 100

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
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (performance.now() > giveUpAt) {
      const seen = lastSeen ? `; last seen: ${JSON.stringify(lastSeen())}` : ''
      throw new Error(`waited ${timeoutMs / 1000} s in vain: ${what}${seen}`)
    }
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS))
  }
}
