// Text from outside (names, rules, host names) on its way into messages: one line, no control characters, bounded; and as HTML.
import { formatIpv4, formatIpv6, parseAddress } from '@netbehave/schema'

// C0, DEL, C1, line and paragraph separators, and what turns the direction of writing (CVE-2021-42574).
const UNSAFE = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu
const LONGEST_VALUE = 300

/** One line of at most `longest` characters; control characters become blanks, so no header or line can be smuggled in. */
export function oneLine(text: string, longest = LONGEST_VALUE): string {
  const line = text
    .slice(0, longest * 4)
    .replaceAll(UNSAFE, ' ')
    .replaceAll(/ {2,}/g, ' ')
    .trim()
  const characters = [...line]
  return characters.length <= longest ? line : `${characters.slice(0, longest - 1).join('')}…`
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!)

/** The same text as a page: paragraphs where empty lines are. */
export function textToHtml(text: string): string {
  const paragraphs = text
    .trim()
    .split(/\n{2,}/)
    .map((paragraph) => `<p>${escapeHtml(paragraph).replaceAll('\n', '<br>\n')}</p>`)
  return `<!doctype html>\n<html><body>\n${paragraphs.join('\n')}\n</body></html>\n`
}

/** A word of a shell's command line; quoted where it must be. */
export const shellWord = (text: string): string =>
  /^[A-Za-z0-9_.:-]+$/.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", "'\\''")}'`

/** One for each zone, of which there is one: making it takes longer than all else about a message. */
const formats = new Map<string, Intl.DateTimeFormat>()

/** `2026-11-24 04:10:27` in a zone. */
export function formatTime(ms: number, timeZone: string): string {
  let format = formats.get(timeZone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      dateStyle: 'short',
      timeStyle: 'medium',
      hourCycle: 'h23',
    })
    formats.set(timeZone, format)
  }
  return format.format(ms).replace(', ', ' ')
}

const UNITS: readonly [number, string][] = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1_000, 'second'],
]

/** `3 days`, `1 hour`: the largest unit that fits. */
export function formatSpan(ms: number): string {
  const [unitMs, unit] = UNITS.find(([size]) => ms >= size) ?? UNITS.at(-1)!
  const count = Math.max(0, Math.round(ms / unitMs))
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

/** One spelling for each address, so that a mute finds it; other text as it is, cut. */
export function canonicalAddress(text: string): string {
  const address = parseAddress(text)
  if (address === undefined) return text.slice(0, 255)
  return typeof address === 'number' ? formatIpv4(address) : formatIpv6(address)
}
