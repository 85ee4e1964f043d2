import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explainLineFault } from './line-fault.ts'

const AT = '[8629] 2026/11/24 13:51:38.091683'
const refused = `${AT} [ERR] Error trying to connect as leafnode to remote server "hub.example:7422" (attempt 1): dial tcp 192.0.2.7:7422: connect: connection refused`
const unknownKey = `${AT} [ERR] 192.0.2.7:7422 - lid:17 - Leafnode Error 'Authorization Violation'`

test('the last thing that the server says of the line counts', () => {
  assert.equal(explainLineFault([refused]), 'nobody listens there')
  assert.match(explainLineFault([refused, unknownKey]), /^it does not know this site's key/)
  assert.equal(explainLineFault([unknownKey, refused, `${AT} [INF] Server is ready`]), 'nobody listens there')
})

test('what is of the server itself, or said of no fault, explains nothing', () => {
  assert.equal(explainLineFault([]), '')
  assert.equal(
    explainLineFault([`${AT} [ERR] something of the disk`, `${AT} [INF] lid:3 - Leafnode connection created`]),
    '',
  )
})

test('a fault that is not known is told in the words of the server', () => {
  assert.equal(
    explainLineFault([`${AT} [ERR] lid:5 - Leafnode Error 'Something New'`]),
    "lid:5 - Leafnode Error 'Something New'",
  )
})
