// What a query asks for, as a WHERE clause. The four simple conditions build one; a filter language may hand over its own.
import { IPV6_BYTES, parseAddress } from '@netbehave/schema'

/** A condition over the Parquet columns, with `?` for each parameter. Parameters are bound, never pasted into the text. */
export interface Where {
  readonly sql: string
  readonly params: readonly WhereParameter[]
}
export type WhereParameter = number | bigint | string | boolean | Uint8Array

export interface Conditions {
  /** Address or CIDR block, either family. */
  readonly src?: string | undefined
  readonly dst?: string | undefined
  /** Address or CIDR block of either side. */
  readonly ip?: string | undefined
  /** Port of either side. */
  readonly port?: number | undefined
  /** IANA protocol number. */
  readonly protocol?: number | undefined
}

/** A condition that cannot be understood; the message names it. */
export class ConditionError extends Error {
  override readonly name = 'ConditionError'
}

/** All of these must hold. Throws ConditionError. */
export function conditionsToWhere(conditions: Conditions): Where {
  const { src, dst, ip, port, protocol } = conditions
  const all: Where[] = []
  if (src !== undefined) all.push(addressWhere('src_ip', src))
  if (dst !== undefined) all.push(addressWhere('dst_ip', dst))
  if (ip !== undefined) all.push(joinWhere([addressWhere('src_ip', ip), addressWhere('dst_ip', ip)], 'OR'))
  if (port !== undefined) {
    checkInteger('port', port, 65_535)
    all.push({ sql: '(src_port = ?::USMALLINT OR dst_port = ?::USMALLINT)', params: [port, port] })
  }
  if (protocol !== undefined) {
    checkInteger('protocol', protocol, 255)
    all.push({ sql: 'protocol = ?::UTINYINT', params: [protocol] })
  }
  return joinWhere(all, 'AND')
}

/** Flows that were active at some moment of [fromMs, toMs): they began before its end and ended at or after its start. */
export function timeWhere(fromMs: number | undefined, toMs: number | undefined): Where {
  const all: Where[] = []
  if (fromMs !== undefined) all.push({ sql: 'last_ms >= ?::BIGINT', params: [BigInt(Math.ceil(fromMs))] })
  if (toMs !== undefined) all.push({ sql: 'first_ms < ?::BIGINT', params: [BigInt(Math.ceil(toMs))] })
  return joinWhere(all, 'AND')
}

/** One condition of several; without any, one that always holds. */
export function joinWhere(all: readonly Where[], operator: 'AND' | 'OR'): Where {
  const parts = all.filter(({ sql }) => sql !== 'true')
  if (parts.length === 0) return { sql: 'true', params: [] }
  if (parts.length === 1) return parts[0]!
  return {
    sql: `(${parts.map(({ sql }) => sql).join(` ${operator} `)})`,
    params: parts.flatMap(({ params }) => params),
  }
}

function addressWhere(column: string, text: string): Where {
  const [addressText = '', prefixText, ...more] = text.trim().split('/')
  const address = parseAddress(addressText)
  const longest = typeof address === 'number' ? 32 : 128
  const prefix = readPrefix(prefixText, addressText.includes(':') ? 128 - longest : 0, longest)
  if (address === undefined || prefix === undefined || more.length > 0) {
    throw new ConditionError(`"${text}" is no address: write 192.0.2.7, 2001:db8::7 or a block like 192.0.2.0/24`)
  }
  if (typeof address === 'number') {
    const size = 2 ** (32 - prefix)
    const first = Math.floor(address / size) * size
    if (size === 1) return { sql: `${column}4 = ?::UINTEGER`, params: [address] }
    return { sql: `${column}4 BETWEEN ?::UINTEGER AND ?::UINTEGER`, params: [first, first + size - 1] }
  }
  if (prefix === 128) return { sql: `${column}6 = ?`, params: [address] }
  const [first, last] = blockBounds(address, prefix)
  return { sql: `${column}6 BETWEEN ? AND ?`, params: [first, last] }
}

/** `skipped` bits stand before an IPv4 address that is written as a mapped one (::ffff:192.0.2.0/120). */
function readPrefix(text: string | undefined, skipped: number, longest: number): number | undefined {
  if (text === undefined) return longest
  if (!/^\d{1,3}$/.test(text)) return undefined
  const prefix = Number(text) - skipped
  return prefix >= 0 && prefix <= longest ? prefix : undefined
}

function blockBounds(address: Uint8Array, prefix: number): [Uint8Array, Uint8Array] {
  const first = address.slice()
  const last = address.slice()
  for (let i = 0; i < IPV6_BYTES; i++) {
    const kept = Math.max(0, Math.min(8, prefix - i * 8))
    const mask = (0xff00 >> kept) & 0xff
    first[i] = first[i]! & mask
    last[i] = last[i]! | (~mask & 0xff)
  }
  return [first, last]
}

function checkInteger(name: string, value: number, most: number): void {
  if (!Number.isInteger(value) || value < 0 || value > most) {
    throw new ConditionError(`${value} is no ${name}: write a number from 0 to ${most}`)
  }
}
