// Makes src/generated/mac-vendors.txt of the package oui-data: `node apps/ipam/scripts/generate-mac-vendors.ts 2026-08-26`, with the day on
// which that version of the package was published. Fails: throws when there are so few rows that the package cannot be right.
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

export const TABLE_FILE = new URL('../src/generated/mac-vendors.txt', import.meta.url)

/** The IEEE's lists had 53,000 rows in 2026 and only grow. */
const LEAST_ROWS = 40_000
/** Names are cut there; they end in places and legal forms. */
const MAX_NAME = 48
/** Holders that say nothing of who made the device; of `IEEE Registration Authority` the longer prefixes are listed besides. */
const NOBODY = new Set(['Private', 'IEEE Registration Authority'])
const LEGAL_FORM =
  /[\s,.]+(co\.?,?\s*,?\s*(ltd|limited|inc|llc)|ltd|limited|inc|incorporated|llc|l\.l\.c|gmbh(\s*&\s*co\.?\s*kg)?|corp|corporation|s\.?r\.?l|s\.?p\.?a|s\.?a\.?s?|b\.?v|a\.?b|a\.?g|pty|plc|company|co)\.?$/i

/** The table as text: two lines on where it is from, then `PREFIX NAME`, sorted as bytes. `rows` is oui-data's object. */
export function makeTable(rows: Readonly<Record<string, string>>, version: string, date: string): string {
  const lines = Object.entries(rows).flatMap(([prefix, holder]) => {
    const name = holder.split('\n', 1)[0]!
    if (!/^([0-9A-F]{6}|[0-9A-F]{7}|[0-9A-F]{9})$/.test(prefix) || NOBODY.has(name)) return []
    const short = shorten(name)
    return short === '' ? [] : [`${prefix.toLowerCase()} ${short}`]
  })
  if (lines.length < LEAST_ROWS)
    throw new RangeError(`only ${lines.length} vendors of at least ${LEAST_ROWS}: is oui-data whole?`)
  const head = [
    `# oui-data ${version} of ${date} (BSD-2-Clause): the IEEE's lists of MAC addresses`,
    `# prefix, vendor`,
  ]
  return `${[...head, ...lines.sort((a, b) => (a < b ? -1 : 1))].join('\n')}\n`
}

function shorten(name: string): string {
  const clean = name
    .replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, ' ')
    .replaceAll(/[<>"]/g, ' ')
    .replaceAll(/ +/g, ' ')
    .trim()
  const withoutForm = clean.replace(LEGAL_FORM, '').replace(/[\s,]+$/, '')
  return (withoutForm || clean).slice(0, MAX_NAME).trim()
}

/** The installed oui-data: its rows and its version. */
export function readOuiData(): { rows: Record<string, string>; version: string } {
  const require = createRequire(import.meta.url)
  const index = require.resolve('oui-data')
  const { version } = JSON.parse(readFileSync(new URL('package.json', pathToFileURL(index)), 'utf8')) as {
    version: string
  }
  return { rows: JSON.parse(readFileSync(index, 'utf8')) as Record<string, string>, version }
}

if (import.meta.main) {
  const date = process.argv[2]
  if (!/^\d{4}-\d\d-\d\d$/.test(date ?? '')) throw new Error('say the day of the package: YYYY-MM-DD')
  const { rows, version } = readOuiData()
  writeFileSync(TABLE_FILE, makeTable(rows, version, date!))
}
