// Names and addresses out of log lines, where anything can stand. In: text. Out: what may be stored, or why not.
import { formatIpv4, formatIpv6, parseAddress } from '@netbehave/schema'
import { usualIpv6 } from './ipv6.ts'

/** RFC 1035 §2.3.4, without the final dot. */
export const MAX_NAME_LENGTH = 253

/**
 * In lower case, without the final dot; empty for the root. undefined with `nameProblem` when it cannot be a name: longer than 253, a
 * space, a control character, `<`, `>`, or a letter that is not ASCII.
 */
export function readName(line: string, from: number, to: number): string | undefined {
  let end = to
  if (end > from && line.charCodeAt(end - 1) === 46) end--
  if (end - from > MAX_NAME_LENGTH) return undefined
  let hasCapital = false
  for (let i = from; i < end; i++) {
    const code = line.charCodeAt(i)
    if (code <= 32 || code >= 127 || code === 60 || code === 62) return undefined
    if (code >= 65 && code <= 90) hasCapital = true
  }
  const name = line.slice(from, end)
  return hasCapital ? name.toLowerCase() : name
}

/** Why `readName` refused. */
export const nameProblem = (from: number, to: number): 'name-length' | 'name-character' =>
  to - from > MAX_NAME_LENGTH + 1 ? 'name-length' : 'name-character'

/** Does it end in a number, as only addresses do, or have colons? Such a "name" is the address of a reverse look-up. */
export function isAddressLike(name: string): boolean {
  const last = name.charCodeAt(name.length - 1)
  return name.includes(':') || (last >= 48 && last <= 57 && /(^|\.)\d+$/.test(name))
}

const IPV4_LONGEST = 15

/** The usual spelling of an address; empty when the text is none. A zone (`%eth0`) is dropped. */
export function readAddress(text: string): string {
  if (isIpv4(text)) return text
  if (!text.includes(':') || text.length > 64) return ''
  const percent = text.indexOf('%')
  const address = percent < 0 ? text : text.slice(0, percent)
  const usual = usualIpv6(address)
  if (usual !== undefined && !usual.startsWith('::ffff:')) return usual
  const parsed = parseAddress(address)
  return parsed === undefined ? '' : typeof parsed === 'number' ? formatIpv4(parsed) : formatIpv6(parsed)
}

/** Four decimal parts without leading zeros. */
export function isIpv4(text: string): boolean {
  if (text.length > IPV4_LONGEST || text.length < 7) return false
  let part = -1
  let dots = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 46) {
      if (part < 0) return false
      dots++
      part = -1
    } else if (code >= 48 && code <= 57) {
      if (part === 0) return false
      part = part < 0 ? code - 48 : part * 10 + code - 48
      if (part > 255) return false
    } else return false
  }
  return dots === 3 && part >= 0
}

/** An address that no flow can have: what block lists answer with. */
export const isNowhere = (address: string): boolean => address === '0.0.0.0' || address === '::'
