// MAC addresses as 48-bit integers, exact in a double. Fails: undefined for what is none.
import { formatMac, MAC_BYTES, parseMac } from '@netbehave/schema'
import type { Value } from './ast.ts'

type MacValue = Extract<Value, { kind: 'mac' }>

/** `00:1b:21:0a:0b:0c` (also `-` or `.` between), `00:1b:21:*`, or a range of two. */
export function readMac(text: string): MacValue | undefined {
  const range = text.split('..')
  if (range.length === 2) {
    const from = toInteger(range[0]!)
    const to = toInteger(range[1]!)
    return from === undefined || to === undefined || from > to ? undefined : { kind: 'mac', from, to }
  }
  const bytes = /^((?:[0-9a-f]{2}[:-]){1,5})\*+$/i.exec(text)?.[1]?.match(/[0-9a-f]{2}/gi)
  if (bytes) {
    const size = 256 ** (MAC_BYTES - bytes.length)
    const from = Number.parseInt(bytes.join(''), 16) * size
    return { kind: 'mac', from, to: from + size - 1 }
  }
  const mac = toInteger(text)
  return mac === undefined ? undefined : { kind: 'mac', from: mac, to: mac }
}

/** Is the text a MAC with its punctuation? Twelve digits alone may be anything. */
export const looksLikeMac = (text: string): boolean => /^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i.test(text)

function toInteger(text: string): number | undefined {
  const bytes = parseMac(text)
  return bytes?.reduce((mac, byte) => mac * 256 + byte, 0)
}

export function macBytes(mac: number): Uint8Array {
  return Uint8Array.from({ length: MAC_BYTES }, (_, i) => Math.floor(mac / 256 ** (MAC_BYTES - 1 - i)) % 256)
}

/** Canonical text: a MAC, else a glob, else a range. */
export function formatMacs(from: number, to: number): string {
  if (from === to) return formatMac(macBytes(from))
  for (let kept = 1; kept < MAC_BYTES; kept++) {
    const size = 256 ** (MAC_BYTES - kept)
    if (from % size === 0 && to === from + size - 1) return `${formatMac(macBytes(from)).slice(0, kept * 3)}*`
  }
  return `${formatMac(macBytes(from))}..${formatMac(macBytes(to))}`
}
