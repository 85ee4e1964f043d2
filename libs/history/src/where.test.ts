import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from '@netbehave/filter'
import { filterWhere, joinWhere, timeWhere } from './where.ts'

test('a filter is a condition with its values as parameters', () => {
  assert.deepEqual(filterWhere(parse('src.ip = 192.0.2.7 dst.name = X dst.org = Y')), {
    sql: '(src_ip4 = ?::UINTEGER AND dst_name = ? AND lower(dst_org) = ?)',
    params: [0xc0000207, 'x', 'y'],
  })
  assert.deepEqual(filterWhere(parse('')), { sql: 'true', params: [] })
  assert.deepEqual(filterWhere(undefined), { sql: 'true', params: [] })
})

test('a time range asks for flows that were active in it', () => {
  assert.deepEqual(timeWhere(1000, 2000), {
    sql: '(last_ms >= ?::BIGINT AND first_ms < ?::BIGINT)',
    params: [1000n, 2000n],
  })
})

test('conditions are joined in the order of their parameters, and what always holds is left out', () => {
  const a = { sql: 'a = ?', params: [1] }
  const b = { sql: 'b = ?', params: [2] }
  assert.deepEqual(joinWhere([a, { sql: 'true', params: [] }, b], 'OR'), { sql: '(a = ? OR b = ?)', params: [1, 2] })
  assert.deepEqual(joinWhere([a], 'AND'), a)
  assert.deepEqual(joinWhere([], 'AND'), { sql: 'true', params: [] })
})
