// Does a request come from our own pages, and not from another site that uses the browser's login? Browsers send `Origin` with
// every write and every websocket, and they cannot be made to lie about it.
import type { IncomingMessage } from 'node:http'
import type { Peer } from './peer.ts'

export type OriginVerdict = 'own' | 'foreign' | 'unknown'

export function originOf(request: IncomingMessage, peer: Peer, allowed: readonly string[]): OriginVerdict {
  const { origin } = request.headers
  if (origin !== undefined) {
    if (allowed.includes(origin)) return 'own'
    return URL.canParse(origin) && peer.host !== '' && new URL(origin).host === hostOf(peer, origin) ? 'own' : 'foreign'
  }
  const site = request.headers['sec-fetch-site']
  if (site === undefined) return 'unknown'
  return site === 'same-origin' || site === 'none' ? 'own' : 'foreign'
}

/** The host with the scheme's default port left out, as `URL.host` has it. */
function hostOf({ host }: Peer, origin: string): string {
  const text = `${new URL(origin).protocol}//${host}`
  return URL.canParse(text) ? new URL(text).host : host
}
