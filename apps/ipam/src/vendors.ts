// Who made a device, by its MAC. In: the generated table, read when first needed and searched as bytes: 53,000 rows as objects would be
// 10 MB for a service that asks a few times a day.
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'

export interface Vendors {
  /** Day of the list. */
  readonly date: string
  /** Name of the maker; empty: not known, or the MAC is made up. */
  of(mac: string): string
}

const TABLE = new URL('./generated/mac-vendors.txt', import.meta.url)
/** Digits of the prefixes that the IEEE sells, the longest first: MA-S, MA-M, MA-L. */
const PREFIX_DIGITS = [9, 7, 6] as const
const [LINE_END, SPACE] = [10, 32]

export function openVendors(table: URL | string = TABLE): Vendors {
  let rows: Buffer | undefined
  const load = (): Buffer => {
    rows ??= readFileSync(table)
    return rows
  }
  return {
    get date() {
      return /\d{4}-\d\d-\d\d/.exec(readHead(table))?.[0] ?? ''
    },
    of(mac) {
      if (isRandomMac(mac)) return ''
      const digits = mac.replaceAll(':', '')
      for (const length of PREFIX_DIGITS) {
        const name = find(load(), digits.slice(0, length))
        if (name !== undefined) return name
      }
      return ''
    },
  }
}

/** The first line, without the rest of the file. */
function readHead(table: URL | string): string {
  const head = Buffer.alloc(256)
  const file = openSync(table, 'r')
  try {
    return head.toString('utf8', 0, readSync(file, head, 0, head.length, 0)).split('\n', 1)[0]!
  } finally {
    closeSync(file)
  }
}

/** Bit 1 of the first byte: locally administered (IEEE 802 §8.4), as phones make them up for each network. `mac` is lower case. */
export const isRandomMac = (mac: string): boolean => (Number.parseInt(mac.slice(0, 2), 16) & 2) !== 0

/** Binary search over lines: `low` and `high` are always beginnings of lines, or the end. */
function find(rows: Buffer, prefix: string): string | undefined {
  const key = Buffer.from(`${prefix} `)
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = lineBefore(rows, (low + high) >>> 1, low)
    const end = rows.indexOf(LINE_END, middle)
    const order = compareKey(rows, middle, key)
    if (order === 0) return rows.toString('utf8', middle + key.length, end)
    if (order < 0) low = end + 1
    else high = middle
  }
  return undefined
}

/** Beginning of the line that holds byte `at`. */
function lineBefore(rows: Buffer, at: number, low: number): number {
  let begin = at
  while (begin > low && rows[begin - 1] !== LINE_END) begin--
  return begin
}

/** The key of the line at `begin` against `key`, which ends with a space. */
function compareKey(rows: Buffer, begin: number, key: Buffer): number {
  for (let i = 0; i < key.length; i++) {
    const difference = rows[begin + i]! - key[i]!
    if (difference !== 0) return difference
    if (key[i] === SPACE) break
  }
  return 0
}
