import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { isConsoleBuilt } from './console.mjs'

test('the console is built when no source of it is newer than what is built', () => {
  const root = mkdtempSync(join(tmpdir(), 'netbehave-console-'))
  /** @param {string} path @param {number} seconds */
  const write = (path, seconds) => {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), '')
    utimesSync(join(root, path), seconds, seconds)
  }
  write('apps/search-gw/web/src/main.tsx', 1000)
  write('libs/filter/src/parse.ts', 1000)
  write('libs/schema/src/index.ts', 1000)
  write('libs/routers/src/index.ts', 1000)
  write('docs/console.md', 1000)
  assert.equal(isConsoleBuilt(root), false)
  write('apps/search-gw/web/dist/index.html', 2000)
  write('apps/search-gw/web/dist/static/later.js', 3000)
  assert.equal(isConsoleBuilt(root), true)
  write('docs/images/live.png', 2001)
  assert.equal(isConsoleBuilt(root), true, 'pictures are not in it')
  write('libs/filter/src/parse.ts', 2001)
  assert.equal(isConsoleBuilt(root), false)
  write('libs/filter/src/parse.ts', 1000)
  write('docs/console.md', 2001)
  assert.equal(isConsoleBuilt(root), false, 'the documentation is')
})
