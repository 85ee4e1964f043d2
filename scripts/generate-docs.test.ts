import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { APP_NAMES } from '../libs/schema/src/index.ts'
import { PAGES, readPage } from './generate-docs.ts'

for (const [name, generate] of Object.entries(PAGES)) {
  test(`docs/${name} says what the code says`, () => {
    const page = readPage(name)
    assert.equal(page, generate(page), `run "node scripts/generate-docs.ts" and commit docs/${name}`)
  })
}

test('every app counts what the broker refused it, on all of its connections', () => {
  const page = readPage('metrics.md')
  for (const app of APP_NAMES) {
    for (const what of ['broker_errors_total', 'broker_disconnects_total'])
      assert.ok(page.includes(`netbehave_${app.replaceAll('-', '_')}_${what}`), `${app} has no ${what}`)
    const main = readFileSync(new URL(`../apps/${app}/src/metrics.ts`, import.meta.url), 'utf8')
    assert.match(main, /countConnections\(/)
  }
})
