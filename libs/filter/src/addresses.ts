// Addresses, blocks, ranges and globs as text ⇄ both ends. IPv4 is an integer, IPv6 16 bytes (libs/schema); a mapped IPv4
// address is the IPv4 one. Fails: undefined for what is none.
import { formatIpv4, formatIpv6, IPV6_BYTES, parseAddress } from '@netbehave/schema'
import type { Address, Value } from './ast.ts'

type AddressValue = Extract<Value, { kind: 'address' | 'address-glob' }>

/** `192.0.2.7`, `192.0.2.0/24`, `192.0.2.1..192.0.2.9`, `192.168.*`, `2001:db8:*`; bits after a block's prefix do not count. */
export function readAddress(text: string): AddressValue | undefined {
  if (text.includes('*')) return readGlob(text)
  const range = text.split('..')
  if (range.length === 2) return readRange(range[0]!, range[1]!)
  if (!text.includes('/')) {
    const address = parseAddress(text)
    return address === undefined ? undefined : { kind: 'address', from: address, to: address }
  }
  const [addressText = '', prefixText = '', ...more] = text.split('/')
  const address = parseAddress(addressText)
  if (address === undefined || more.length > 0 || !/^\d{1,3}$/.test(prefixText)) return undefined
  const longest = typeof address === 'number' ? 32 : 128
  // A mapped address has 96 bits before the IPv4 ones: ::ffff:192.0.2.0/120.
  const prefix = Number(prefixText) - (longest === 32 && addressText.includes(':') ? 96 : 0)
  return prefix < 0 || prefix > longest ? undefined : blockOf(address, prefix)
}

function readRange(fromText: string, toText: string): AddressValue | undefined {
  const from = parseAddress(fromText)
  const to = parseAddress(toText)
  if (from === undefined || to === undefined || typeof from !== typeof to) return undefined
  return compareAddresses(from, to) > 0 ? undefined : { kind: 'address', from, to }
}

function blockOf(address: Address, prefix: number): AddressValue {
  if (typeof address === 'number') {
    const size = 2 ** (32 - prefix)
    const from = Math.floor(address / size) * size
    return { kind: 'address', from, to: from + size - 1 }
  }
  const from = address.slice()
  const to = address.slice()
  for (let i = 0; i < IPV6_BYTES; i++) {
    const kept = Math.max(0, Math.min(8, prefix - i * 8))
    const mask = (0xff00 >> kept) & 0xff
    from[i] = from[i]! & mask
    to[i] = to[i]! | (~mask & 0xff)
  }
  return { kind: 'address', from, to }
}

const GLOB_CHARACTERS = 40

function readGlob(written: string): AddressValue | undefined {
  const text = written.replaceAll(/\*{2,}/g, '*')
  if (text.length > GLOB_CHARACTERS) return undefined
  if (text === '*') return { kind: 'address-glob', text }
  if (text.includes(':')) return readIpv6Glob(text)
  const octets = /^((?:\d{1,3}\.){1,3})\*$/.exec(text)?.[1]?.split('.').slice(0, -1)
  if (octets) {
    const address = parseAddress([...octets, '0', '0', '0'].slice(0, 4).join('.'))
    return typeof address === 'number' ? blockOf(address, octets.length * 8) : undefined
  }
  return ipv4Alternatives(text).length === 0 ? undefined : { kind: 'address-glob', text }
}

/** Whole groups, then `*`: a block. */
function readIpv6Glob(text: string): AddressValue | undefined {
  const groups = /^((?:[0-9a-f]{1,4}:){1,7})\*$/i.exec(text)?.[1]?.split(':').slice(0, -1)
  const address = groups && parseAddress(`${groups.join(':')}${groups.length < 7 ? '::' : ':0'}`)
  return address instanceof Uint8Array ? blockOf(address, groups!.length * 16) : undefined
}

/** For each of the four octets, which of its 256 values fit. */
export type OctetSets = readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array]

/** A glob over dotted text, in which a `*` may also stand for dots, as alternatives of one set per octet. */
export function ipv4Alternatives(glob: string): OctetSets[] {
  if (!/^[\d.*]+$/.test(glob)) return []
  const missingDots = 3 - glob.split('.').length + 1
  if (missingDots < 0) return []
  const alternatives = new Map<string, OctetSets>()
  for (const spread of spreadDots(glob.split('*'), missingDots)) {
    const octets = spread.split('.').map(octetSet)
    if (octets.every((set) => set.includes(1))) alternatives.set(spread, octets as unknown as OctetSets)
  }
  return [...alternatives.values()]
}

/** Every way to let the stars between the pieces stand for `dots` dots in all. */
function spreadDots(pieces: readonly string[], dots: number): string[] {
  const [piece = '', ...rest] = pieces
  if (rest.length === 0) return dots === 0 ? [piece] : []
  const all: string[] = []
  for (let here = 0; here <= dots; here++) {
    const star = `*${'.*'.repeat(here)}`
    for (const tail of spreadDots(rest, dots - here)) all.push(piece + star + tail)
  }
  return all
}

function octetSet(glob: string): Uint8Array {
  const pattern = new RegExp(`^${glob.replaceAll('*', '\\d*')}$`)
  return Uint8Array.from({ length: 256 }, (_, octet) => (pattern.test(String(octet)) ? 1 : 0))
}

/** Negative, zero or positive; both of one family. */
export function compareAddresses(a: Address, b: Address): number {
  if (typeof a === 'number' || typeof b === 'number') return Number(a) - Number(b)
  for (let i = 0; i < IPV6_BYTES; i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return 0
}

/** Canonical text: an address, else a block, else a range. */
export function formatAddresses(from: Address, to: Address): string {
  if (compareAddresses(from, to) === 0) return formatAddress(from)
  const longest = typeof from === 'number' ? 32 : 128
  for (let prefix = 0; prefix < longest; prefix++) {
    const block = blockOf(from, prefix) as { from: Address; to: Address }
    if (compareAddresses(block.from, from) === 0 && compareAddresses(block.to, to) === 0) {
      return `${formatAddress(from)}/${prefix}`
    }
  }
  return `${formatAddress(from)}..${formatAddress(to)}`
}

const formatAddress = (address: Address): string =>
  typeof address === 'number' ? formatIpv4(address) : formatIpv6(address)

/** IPv6 as one integer, for intervals. */
export function ipv6ToBigint(bytes: Uint8Array): bigint {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return value
}

export function bigintToIpv6(value: bigint): Uint8Array {
  const bytes = new Uint8Array(IPV6_BYTES)
  for (let i = IPV6_BYTES - 1, rest = value; i >= 0; i--, rest >>= 8n) bytes[i] = Number(rest & 0xffn)
  return bytes
}
