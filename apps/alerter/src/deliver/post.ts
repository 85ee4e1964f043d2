// One HTTP POST with a time limit, for webhook and ntfy. Fails: DeliveryError; redirects are not followed, answers are not read.
import { DeliveryError } from './channel.ts'

/** Answers that speak of this one message; all others speak of the server, the login or the moment. */
const REFUSES_MESSAGE = [400, 413, 415, 422]

export async function post(
  url: URL,
  body: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<undefined> {
  const where = url.host
  let response: Response
  try {
    response = await fetch(url, { method: 'POST', body, headers: { ...headers }, signal, redirect: 'manual' })
  } catch (error) {
    const { message, cause } = error as Error & { cause?: Error }
    throw new DeliveryError('channel', `${where} does not answer (${cause?.message || message})`, { cause: error })
  }
  await response.body?.cancel()
  if (response.ok) return undefined
  const of = REFUSES_MESSAGE.includes(response.status) ? 'message' : 'channel'
  const advice =
    response.status === 401 || response.status === 403
      ? ': it wants another login or token'
      : response.status >= 300 && response.status < 400
        ? ': it sends elsewhere; write the address it sends to'
        : ''
  throw new DeliveryError(of, `${where} answers ${response.status} ${response.statusText}${advice}`.trim())
}
