// A GET with its redirects (RFC 7480 §5.2): bounded in number, never twice to the same place.
import type { Http, HttpAnswer, HttpProblem } from './http.ts'

export type FollowProblem = HttpProblem | 'redirects'
export type FollowAnswer =
  | (Extract<HttpAnswer, { kind: 'answer' }> & { readonly url: URL })
  | { readonly kind: 'problem'; readonly problem: FollowProblem; readonly why: string; readonly url: URL }
  | { readonly kind: 'held'; readonly url: URL }

export interface FollowOptions {
  readonly maxRedirects: number
  readonly signal: AbortSignal
  /** Asked before every request; false: not now. */
  readonly mayGo?: (url: URL) => Promise<boolean>
}

const REDIRECTS = [301, 302, 303, 307, 308]

export async function follow(http: Http, from: URL, options: FollowOptions): Promise<FollowAnswer> {
  const { maxRedirects, signal, mayGo } = options
  const visited = new Set<string>()
  for (let url = from; ; ) {
    if (visited.has(url.href)) return { kind: 'problem', problem: 'redirects', why: `${url.href} leads to itself`, url }
    if (visited.size > maxRedirects)
      return { kind: 'problem', problem: 'redirects', why: `more than ${maxRedirects} redirects`, url }
    visited.add(url.href)
    if (mayGo && !(await mayGo(url))) return { kind: 'held', url }
    const answer = await http.get(url, signal)
    if (answer.kind === 'problem' || !REDIRECTS.includes(answer.status)) return { ...answer, url }
    const next = URL.parse(answer.location ?? '', url.href)
    if (next === null) return { kind: 'problem', problem: 'redirects', why: 'a redirect to nowhere', url }
    next.hash = ''
    url = next
  }
}
