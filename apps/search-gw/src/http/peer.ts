// Who is at the other end: address, host and scheme of a request. Headers of a proxy count only when it is listed.
import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'
import type { TLSSocket } from 'node:tls'

export interface Peer {
  /** Of the client, without `::ffff:`. */
  readonly address: string
  readonly isSecure: boolean
  /** As the client named it: `host` or `host:port`, in lower case. */
  readonly host: string
}

export type ReadPeer = (request: IncomingMessage) => Peer

export type IsProxy = (address: string) => boolean

/** `trusted`: addresses and blocks of proxies. */
export function createIsProxy(trusted: readonly string[]): IsProxy {
  const proxies = new BlockList()
  for (const block of trusted) {
    const [address = '', bits] = block.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (bits === undefined) proxies.addAddress(address, family)
    else proxies.addSubnet(address, Number(bits), family)
  }
  return (address) => isIP(address) !== 0 && proxies.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

export function createReadPeer(isProxy: IsProxy): ReadPeer {
  return (request) => {
    const own = plainAddress(request.socket.remoteAddress ?? '')
    const direct: Peer = {
      address: own,
      isSecure: (request.socket as TLSSocket).encrypted === true,
      host: (request.headers.host ?? '').toLowerCase(),
    }
    if (!isProxy(own)) return direct
    return {
      address: clientOf(own, listOf(request, 'x-forwarded-for'), isProxy),
      isSecure: (listOf(request, 'x-forwarded-proto').at(-1) ?? (direct.isSecure ? 'https' : 'http')) === 'https',
      host: (listOf(request, 'x-forwarded-host').at(-1) ?? direct.host).toLowerCase(),
    }
  }
}

/** The nearest that is no proxy of ours; what stands before it may be made up. */
function clientOf(own: string, forwarded: readonly string[], isProxy: (address: string) => boolean): string {
  let address = own
  for (const hop of forwarded.toReversed()) {
    if (!isProxy(address) || isIP(plainAddress(hop)) === 0) break
    address = plainAddress(hop)
  }
  return address
}

function listOf(request: IncomingMessage, name: string): string[] {
  const header = request.headers[name]
  return (Array.isArray(header) ? header.join(',') : (header ?? ''))
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '')

/** An IPv6 customer has at least a /64: its addresses count as one. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail = ''] = address.split('::')
  const groups = head.split(':').filter(Boolean)
  const last = tail.split(':').filter(Boolean)
  const all = address.includes('::')
    ? [...groups, ...Array(Math.max(0, 8 - groups.length - last.length)).fill('0'), ...last]
    : groups
  return all.slice(0, 4).join(':')
}
