// Waiting for a condition of a running system. In: a question that is asked again and again. Fails: Error that says what
// did not come true, with the last answer.

const ASK_AGAIN_MS = 100

/** The first answer that is not undefined or false. The default limit is far beyond what a healthy system takes. */
export async function until<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  { timeoutMs = 60_000, lastSeen }: { timeoutMs?: number; lastSeen?: () => unknown } = {},
): Promise<T> {
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
