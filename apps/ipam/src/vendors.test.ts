import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { makeTable, readOuiData, TABLE_FILE } from '../scripts/generate-mac-vendors.ts'
import { isRandomMac, openVendors } from './vendors.ts'

test('the committed table is what the generator makes of the installed oui-data', () => {
  const committed = readFileSync(TABLE_FILE, 'utf8')
  const { rows, version } = readOuiData()
  assert.ok(makeTable(rows, version, openVendors().date) === committed, 'run scripts/generate-mac-vendors.ts')
})

test('a package with few rows is refused', () => {
  assert.throws(() => makeTable({ '001122': 'A\nsomewhere' }, '1', '2026-01-01'), /only 1 vendors/)
})

test('every prefix of the table is found, the longest that fits', () => {
  const vendors = openVendors()
  const lines = readFileSync(TABLE_FILE, 'utf8').trimEnd().split('\n').slice(2)
  const names = new Map(lines.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]))
  assert.ok(names.size > 50_000)
  let n = 0
  for (const [prefix, name] of names) {
    if (n++ % 7 !== 0 || isRandomMac(prefix)) continue
    const digits = prefix.padEnd(12, '5')
    const longer = names.get(digits.slice(0, 9)) ?? names.get(digits.slice(0, 7)) ?? name
    assert.equal(vendors.of(digits.match(/../g)!.join(':')), longer, prefix)
  }
})

test('a made-up MAC and one of nobody have no vendor', () => {
  const vendors = openVendors()
  assert.equal(vendors.of('da:a1:19:00:00:01'), '')
  assert.equal(vendors.of('00:00:00:00:00:00').length > 0, true) // Xerox has the first of them
  assert.equal(vendors.of('fc:ff:ff:ff:ff:ff'), '')
  assert.match(vendors.of('b8:27:eb:12:34:56'), /^Raspberry Pi/)
})
