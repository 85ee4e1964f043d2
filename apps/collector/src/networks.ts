// Named sets of prefixes, and which of them an address is in: the longest prefix wins, a configured one before a reserved
// one of the same length. In: `home=192.168.1.0/24,2001:db8::/48` or a map of lists. Fails: parsing throws one sentence.
import { IPV6_BYTES } from '@netbehave/schema'
import ipaddr from 'ipaddr.js'
import { parsePrefix } from './prefix.ts'

/** Networks that exist without being configured (docs/architecture.md, normalise). */
export const RESERVED: Readonly<Record<string, readonly string[]>> = {
  // RFC 1918, RFC 6598, RFC 4193; 0.0.0.0/8 and :: are "this host" before it has an address (RFC 1122 §3.2.1.3).
  internal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '0.0.0.0/8', 'fc00::/7', '::/128'],
  external: ['0.0.0.0/0', '::/0'],
  loopback: ['127.0.0.0/8', '::1/128'],
  'link-local': ['169.254.0.0/16', 'fe80::/10'],
  multicast: ['224.0.0.0/4', 'ff00::/8'],
  broadcast: ['255.255.255.255/32'],
}
const OUTSIDE = ['external', 'loopback', 'link-local', 'multicast', 'broadcast']

export const NETWORKS_AT_MOST = 255
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,62}$/u

interface Prefix {
  network: number
  bytes: number[]
  length: number
}

/** Looks up networks by address. Numbers are positions in `names`. */
export interface Networks {
  readonly names: readonly string[]
  /** 1 for the networks whose hosts are ours: the configured ones and `internal`. */
  readonly inside: Uint8Array
  /** 1 for `external`: the hosts of others. */
  readonly outside: Uint8Array
  ofIpv4(address: number): number
  /** The 16 bytes at `offset`; not for mapped IPv4. */
  ofIpv6(bytes: Uint8Array, offset: number): number
}

export function parseNetworks(text: string | Readonly<Record<string, readonly string[]>>): Networks {
  const configured = typeof text === 'string' ? splitText(text) : text
  for (const name of Object.keys(configured)) {
    if (!NAME.test(name))
      throw new Error(`"${name}" is no name for a network: letters, digits, space, . _ -, at most 63`)
    if (OUTSIDE.includes(name)) throw new Error(`"${name}" is a reserved network; take another name`)
  }
  const names = [...new Set([...Object.keys(configured), ...Object.keys(RESERVED)])]
  if (names.length > NETWORKS_AT_MOST) throw new Error(`${names.length} networks; ${NETWORKS_AT_MOST} at most`)
  const prefixes: Prefix[] = []
  for (const [table, network] of [configured, RESERVED].flatMap((table) =>
    Object.keys(table).map((name) => [table, name] as const),
  )) {
    for (const cidr of table[network]!) prefixes.push({ network: names.indexOf(network), ...parseCidr(cidr) })
  }
  prefixes.sort((a, b) => b.length - a.length) // stable: configured before reserved
  const outside = Uint8Array.from(names, (name) => (name === 'external' ? 1 : 0))
  return {
    names,
    inside: Uint8Array.from(names, (name) => (OUTSIDE.includes(name) ? 0 : 1)),
    outside,
    ofIpv4: lookupIpv4(prefixes.filter((prefix) => prefix.bytes.length === 4)),
    ofIpv6: lookupIpv6(prefixes.filter((prefix) => prefix.bytes.length === IPV6_BYTES)),
  }
}

/** `a=1/8,2/8,b=3/8`: an entry without a name goes to the name before it. */
function splitText(text: string): Record<string, string[]> {
  const networks: Record<string, string[]> = {}
  let name: string | undefined
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue
    const at = entry.indexOf('=')
    if (at >= 0) name = entry.slice(0, at).trim()
    if (name === undefined) throw new Error(`"${entry}" has no name; write for example home=${entry}`)
    networks[name] ??= []
    networks[name]!.push(entry.slice(at + 1).trim())
  }
  return networks
}

function parseCidr(cidr: string): { bytes: number[]; length: number } {
  const { address, length } = parsePrefix(cidr)
  const bytes = ipaddr.parse(address).toByteArray()
  return { bytes: bytes.map((byte, i) => byte & maskByte(length, i)), length }
}

const maskByte = (length: number, i: number): number => (0xff00 >> Math.min(8, Math.max(0, length - i * 8))) & 0xff

const integer = (bytes: readonly number[]): number =>
  ((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) >>> 0

/** A table by the upper 16 bits; only where a longer prefix lies within is a list walked, longest first. */
function lookupIpv4(prefixes: readonly Prefix[]): (address: number) => number {
  const WALK = 0x100
  const byUpper = new Uint16Array(65_536)
  const lists: { base: number; mask: number; network: number }[][] = []
  const entries = prefixes.map(({ bytes, length, network }) => ({
    base: integer(bytes),
    mask: length === 0 ? 0 : (-1 << (32 - length)) >>> 0,
    length,
    network,
  }))
  const short = entries.filter(({ length }) => length <= 16).reverse()
  for (const { base, length, network } of short) {
    byUpper.fill(network, base >>> 16, (base >>> 16) + 2 ** (16 - length))
  }
  for (const upper of new Set(entries.filter(({ length }) => length > 16).map(({ base }) => base >>> 16))) {
    const covering = ({ base, mask }: { base: number; mask: number }) =>
      ((upper << 16) & mask) >>> 0 === base || base >>> 16 === upper
    lists.push(entries.filter(covering))
    byUpper[upper] = WALK + lists.length - 1
  }
  return (address) => {
    const found = byUpper[address >>> 16]!
    if (found < WALK) return found
    for (const { base, mask, network } of lists[found - WALK]!) if ((address & mask) >>> 0 === base) return network
    return 0 // never reached: 0.0.0.0/0 is in every list
  }
}

function lookupIpv6(prefixes: readonly Prefix[]): (bytes: Uint8Array, offset: number) => number {
  return (bytes, offset) => {
    for (const prefix of prefixes) if (startsWith(bytes, offset, prefix)) return prefix.network
    return 0 // never reached: ::/0 is the last
  }
}

function startsWith(bytes: Uint8Array, offset: number, prefix: Prefix): boolean {
  const whole = prefix.length >> 3
  for (let i = 0; i < whole; i++) if (bytes[offset + i] !== prefix.bytes[i]) return false
  return (prefix.length & 7) === 0 || (bytes[offset + whole]! & maskByte(prefix.length, whole)) === prefix.bytes[whole]
}
