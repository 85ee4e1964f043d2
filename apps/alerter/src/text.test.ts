import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseQuietHours, quietUntil } from './quiet-hours.ts'
import { parseTemplate } from './template.ts'
import { canonicalAddress, formatSpan, formatTime, oneLine, shellWord, textToHtml } from './text.ts'

test('text from outside becomes one bounded line', () => {
  assert.equal(oneLine('a\r\nBcc: b\u0000\u2028c\u202ed'), 'a Bcc: b c d')
  assert.equal(oneLine('x'.repeat(1000), 10), `${'x'.repeat(9)}…`)
  assert.equal([...oneLine('𝄞'.repeat(1000), 10)].length, 10)
})

test('markup in a text is shown and not obeyed', () => {
  const html = textToHtml('one\ntwo\n\n<b>"it\'s" & more</b>')
  assert.match(html, /<p>one<br>\ntwo<\/p>\n<p>&lt;b&gt;&quot;it&#39;s&quot; &amp; more&lt;\/b&gt;<\/p>/)
})

test('a word of a command line is quoted where a shell would obey it', () => {
  assert.equal(shellWord('web.admin-1'), 'web.admin-1')
  assert.equal(shellWord("x'; rm -rf /"), "'x'\\''; rm -rf /'")
  assert.equal(shellWord('--all'), "'--all'")
})

test('an address has one spelling', () => {
  assert.equal(canonicalAddress('2001:DB8:0:0::1'), '2001:db8::1')
  assert.equal(canonicalAddress('192.168.1.1'), '192.168.1.1')
})

test('times are in the zone, spans in their largest unit', () => {
  assert.equal(formatTime(Date.UTC(2026, 10, 24, 23, 5, 9), 'Europe/Vienna'), '2026-11-25 00:05:09')
  assert.deepEqual(
    [formatSpan(3 * 86_400_000), formatSpan(3_600_000), formatSpan(500)],
    ['3 days', '1 hour', '1 second'],
  )
})

test('a place in a text takes its value as it is, also one that looks like a place', () => {
  const template = parseTemplate('{{ address }} and {{name}}', ['address', 'name'])
  assert.equal(template.render({ address: '{{name}} $& $1', name: 'x' }), '{{name}} $& $1 and x')
})

test('quiet hours hold by the clock of the zone, over midnight too', () => {
  const night = parseQuietHours('22:00-07:00')!
  const at = (hour: number, minute = 0) => Date.UTC(2026, 10, 24, hour, minute)
  assert.equal(quietUntil(night, 'UTC', at(21, 59)), undefined)
  assert.equal(quietUntil(night, 'UTC', at(22)), at(31))
  assert.equal(quietUntil(night, 'UTC', at(6, 59)), at(7))
  assert.equal(quietUntil(night, 'UTC', at(7)), undefined)
  assert.equal(quietUntil(night, 'Asia/Kolkata', at(17)), Date.UTC(2026, 10, 25, 1, 30))
  assert.equal(quietUntil(undefined, 'UTC', at(23)), undefined)
  for (const wrong of ['', '22-7', '22:00-22:00', '24:00-07:00', '22:00'])
    assert.equal(parseQuietHours(wrong), undefined)
})
