// The usual spelling (RFC 5952) of an IPv6 address, fast: every other line of a log has one. libs/schema's own is for everything else.

/** undefined: is none, or one that ends in dotted decimal, which this does not read. */
export function usualIpv6(text: string): string | undefined {
  if (text.length > 39) return undefined
  const groups: number[] = []
  /** Group before which `::` stands; -1: nowhere. */
  let gap = -1
  let at = 0
  if (text.charCodeAt(0) === COLON) {
    if (text.charCodeAt(1) !== COLON) return undefined
    gap = 0
    at = 2
  }
  while (at < text.length) {
    let value = 0
    const from = at
    for (let digit = hexAt(text, at); digit >= 0; digit = hexAt(text, ++at)) value = value * 16 + digit
    if (at === from || at - from > 4 || groups.length === 8) return undefined
    groups.push(value)
    if (at === text.length) break
    if (text.charCodeAt(at) !== COLON) return undefined
    if (++at === text.length) return undefined
    if (text.charCodeAt(at) !== COLON) continue
    if (gap >= 0) return undefined
    gap = groups.length
    at++
  }
  if (gap < 0 ? groups.length !== 8 : groups.length > 7) return undefined
  if (gap >= 0) groups.splice(gap, 0, ...Array<number>(8 - groups.length).fill(0))
  return format(groups)
}

const COLON = 58

/** -1: no hexadecimal digit. */
function hexAt(text: string, at: number): number {
  const code = text.charCodeAt(at)
  if (code >= 48 && code <= 57) return code - 48
  if (code >= 97 && code <= 102) return code - 87
  return code >= 65 && code <= 70 ? code - 55 : -1
}

/** The longest run of zeros, of at least two, is left out; the first of two that are as long. */
function format(groups: readonly number[]): string {
  let from = -1
  let length = 1
  for (let i = 0; i < 8; i++) {
    let end = i
    while (end < 8 && groups[end] === 0) end++
    if (end - i > length) {
      from = i
      length = end - i
    }
    i = Math.max(i, end - 1)
  }
  let text = ''
  for (let i = 0; i < 8; i++) {
    if (i === from) {
      text += '::'
      i += length - 1
    } else text += (text === '' || text.endsWith(':') ? '' : ':') + groups[i]!.toString(16)
  }
  return text
}
