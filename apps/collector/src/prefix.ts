// A block of addresses as people write it in the configuration. Fails: throws one sentence.
import { isIP } from 'node:net'

export interface PrefixText {
  readonly address: string
  readonly length: number
}

/**
 * `192.168.1.0/24`, `2001:db8::/48`, or an address alone. IPv4 has four decimal parts: `192.168/16`, which some programs write, would
 * be 192.0.0.168/16 by the rules of inet_aton.
 */
export function parsePrefix(text: string): PrefixText {
  const slash = text.indexOf('/')
  const address = slash < 0 ? text : text.slice(0, slash)
  const family = isIP(address)
  if (family === 0 || address.includes('%'))
    throw new Error(`"${text}" is neither an address nor a CIDR; write for example 192.168.1.0/24`)
  const bits = family === 4 ? 32 : 128
  if (slash < 0) return { address, length: bits }
  const length = text.slice(slash + 1)
  if (!/^\d{1,3}$/.test(length) || Number(length) > bits)
    throw new Error(`"${text}": the prefix length is a whole number from 0 to ${bits}`)
  return { address, length: Number(length) }
}
