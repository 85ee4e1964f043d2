// Asks a registry who holds an address (RFC 9082 §3.1.1), at the registry's pace. In: the address and who answers for it. Out: what
// was said. Never throws; what a registry does wrong is one of a small vocabulary of problems.
import { setTimeout as delay } from 'node:timers/promises'
import type { Registry } from '@netbehave/schema'
import type { Authority } from './bootstrap.ts'
import { type FollowAnswer, type FollowProblem, follow } from './follow.ts'
import type { Network } from './holder-store.ts'
import type { Http } from './http.ts'
import { type Pace, parseRetryAfter } from './pace.ts'
import { type ReadProblem, readNetwork } from './read-network.ts'

export type AskProblem = FollowProblem | ReadProblem | 'status'
/** Every problem there is, for the metrics. */
export const ASK_PROBLEMS: readonly AskProblem[] = [
  ...([
    'target',
    'timeout',
    'too-large',
    'network',
    'redirects',
    'not-json',
    'not-network',
    'range',
    'status',
  ] as const),
]

export type Answer =
  | { readonly kind: 'network'; readonly network: Network; readonly registry: Registry }
  | { readonly kind: 'none'; readonly registry: Registry }
  /** The registry is to be left alone for now; the address is as good as before. */
  | { readonly kind: 'busy'; readonly registry: Registry; readonly why: string }
  /** This address got no answer that can be used. */
  | { readonly kind: 'problem'; readonly registry: Registry; readonly problem: AskProblem; readonly why: string }

export interface Question {
  /** As in RFC 5952, or dotted. */
  readonly text: string
  readonly address: bigint
}

export interface AskOptions {
  readonly http: Http
  readonly pace: Pace
  readonly maxRedirects: number
  /** Whose host this is. */
  readonly registryOf: (url: URL) => Registry | undefined
  /** Told of every request and of every "too many requests". */
  readonly onRequest: (registry: Registry) => void
  readonly onBusy: (registry: Registry) => void
  readonly now: () => number
}

/** A redirect to a registry that must be left alone for longer than this is not waited for. */
const LONGEST_HOP_WAIT_MS = 10_000
/** Blocked, too many requests, and what a server in trouble says. */
const isBusy = (status: number): boolean => status === 403 || status === 429 || status >= 500

export async function ask(
  question: Question,
  to: Authority,
  signal: AbortSignal,
  options: AskOptions,
): Promise<Answer> {
  const { pace, registryOf, now } = options
  let registry = to.registry

  async function mayGo(url: URL): Promise<boolean> {
    // A national registry's host is paced with the registry that sent us there.
    registry = registryOf(url) ?? registry
    const waitMs = pace.delayMs(registry)
    if (waitMs > LONGEST_HOP_WAIT_MS) return false
    if (waitMs > 0) await delay(waitMs, undefined, { signal })
    pace.take(registry)
    options.onRequest(registry)
    return true
  }

  const from = new URL(`ip/${question.text}`, to.baseUrl)
  const answer = await follow(options.http, from, { maxRedirects: options.maxRedirects, signal, mayGo })
  keepPace(answer)
  if (answer.kind === 'held') return { kind: 'busy', registry, why: `${registry} is to be left alone` }
  if (answer.kind === 'problem') {
    if (answer.problem === 'network') return { kind: 'busy', registry, why: answer.why }
    return { kind: 'problem', registry, problem: answer.problem, why: answer.why }
  }
  if (answer.status === 404) return { kind: 'none', registry }
  if (isBusy(answer.status)) return { kind: 'busy', registry, why: `status ${answer.status}` }
  if (answer.status !== 200) return { kind: 'problem', registry, problem: 'status', why: `status ${answer.status}` }
  const read = readNetwork(answer.body, question.address)
  if (read.kind === 'problem') return { ...read, registry, why: `the answer of ${answer.url.host} cannot be used` }
  return { ...read, registry }

  function keepPace(answer: FollowAnswer): void {
    if (answer.kind === 'answer' && isBusy(answer.status)) {
      options.onBusy(registry)
      pace.backOff(registry, parseRetryAfter(answer.retryAfter, now()))
    } else if (answer.kind === 'answer') pace.recover(registry)
    else if (answer.kind === 'problem' && ['network', 'timeout', 'too-large'].includes(answer.problem))
      pace.backOff(registry)
  }
}
