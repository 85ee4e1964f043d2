// docs/filter.md says what the language understands: every filter on the page is one, every field is named.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { FIELDS, parse, print, showFilterError, tryParse } from '@netbehave/filter'

const PAGE = readFileSync(new URL('../../../docs/filter.md', import.meta.url), 'utf8')

/** The tables for those who come from elsewhere: their text, ours. */
const ROWS = PAGE.slice(PAGE.indexOf('## Coming from nfdump'))
  .split('\n')
  .flatMap((line) => {
    const [, theirs, ours] = /^\| (`.+`) \| `(.+)` \|$/.exec(line) ?? []
    return theirs && ours ? [{ theirs, ours }] : []
  })
const BLOCKS = [...PAGE.matchAll(/```filter\n(.*?)```/gs)].flatMap(([, block]) => block!.trim().split('\n'))

test('every filter on the page is one', () => {
  assert.ok(ROWS.length > 35 && BLOCKS.length >= 5, `${ROWS.length} rows, ${BLOCKS.length} lines`)
  for (const text of [...ROWS.map(({ ours }) => ours), ...BLOCKS]) {
    const found = tryParse(text)
    if (found instanceof Error) assert.fail(showFilterError(text, found))
  }
})

test("the original's texts mean what stands beside them", () => {
  const rows = PAGE.slice(PAGE.indexOf("## Coming from the original's ACL"))
  const original = ROWS.filter(({ theirs, ours }) => rows.includes(`| ${theirs} | \`${ours}\` |`))
  assert.ok(original.length >= 8)
  for (const { theirs, ours } of original) assert.equal(print(parse(theirs.slice(1, -1))), print(parse(ours)))
})

test('every field is named on the page', () => {
  const missing = FIELDS.filter(({ name }) => !PAGE.includes(`\`${name}\``)).map(({ name }) => name)
  assert.deepEqual(missing, [])
})
