import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { DOCUMENTS, renderDocument, slug } from './docs.ts'

const DOCS = new URL('../../../../docs/', import.meta.url)

test('headings get the names that links on GitHub use, and the title stands apart', () => {
  const { title, html, sections } = renderDocument(
    '# Filters\n\n## Who may `what`?\n\ntext\n\n### OpenWrt (softflowd)\n',
  )
  assert.equal(title, 'Filters')
  assert.deepEqual(sections, [{ title: 'Who may what?', id: 'doc-who-may-what' }])
  assert.match(html, /<h2 id="doc-who-may-what">Who may <code>what<\/code>\?<\/h2>/)
  assert.match(html, /<h3 id="doc-openwrt-softflowd">/)
  assert.doesNotMatch(html, /<h1/)
})

test('a link to another document stays in the console; to what is not there, it is text', () => {
  const { html } = renderDocument(
    '[a](filter.md#fields) [b](../apps/enricher/rules.yaml) [c](decisions/001.md) [d](https://www.example.org/)',
  )
  assert.match(html, /<a href="help\/filter#fields">a<\/a>/)
  assert.match(html, /<\/a> b c <a href="https:\/\/www\.example\.org\/" rel="noreferrer">d<\/a>/)
})

test('code and tables are reached by the keyboard, code stays text, comments go', () => {
  const { html } = renderDocument('<!-- note -->\n\n```sh\na < b && "c"\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n')
  assert.match(html, /<pre tabindex="0"><code>a &lt; b &amp;&amp; &quot;c&quot;<\/code><\/pre>/)
  assert.match(html, /<div class="doc-table" tabindex="0"><table>/)
  assert.doesNotMatch(html, /note/)
})

test('a corner of a table without a word is no heading', () => {
  const { html } = renderDocument('| | why |\n|---|---|\n| a | b |\n')
  assert.match(html, /<td><\/td>\s*<th>why<\/th>/)
})

test('every document is there, has a title, and its links lead to sections that exist', () => {
  const rendered = new Map(
    DOCUMENTS.map((id) => [id as string, renderDocument(readFileSync(new URL(`${id}.md`, DOCS), 'utf8'))]),
  )
  for (const [id, { title, html }] of rendered) {
    assert.notEqual(title, '', id)
    assert.doesNotMatch(html, /<script|<style| on\w+=| style=/, id)
    for (const [, to = '', section] of html.matchAll(/href="help\/([\w-]+)(?:#([^"]*))?"/g)) {
      assert.ok(rendered.has(to), `${id} links to ${to}`)
      if (section !== undefined)
        assert.match(rendered.get(to)!.html, new RegExp(`id="doc-${slug(section)}"`), `${id} → ${to}#${section}`)
    }
  }
})
