import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PAGES, readPage } from './generate-docs.ts'

for (const [name, generate] of Object.entries(PAGES)) {
  test(`docs/${name} says what the code says`, () => {
    const page = readPage(name)
    assert.equal(page, generate(page), `run "node scripts/generate-docs.ts" and commit docs/${name}`)
  })
}
