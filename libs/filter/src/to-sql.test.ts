import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ColumnName } from '@netbehave/schema'
import { parse, type SqlOptions, toSql } from './index.ts'

const sql = (filter: string, options?: SqlOptions) => toSql(parse(filter), options)
const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))

test('values are bound, with the type of the column so that it is compared as it is stored', () => {
  assert.deepEqual(sql(''), { sql: 'true', params: [] })
  assert.deepEqual(sql('dst.port = 443'), { sql: 'dst_port = ?::USMALLINT', params: [443] })
  assert.deepEqual(sql('proto in (TCP, UDP)'), { sql: 'protocol IN (?::UTINYINT, ?::UTINYINT)', params: [6, 17] })
  assert.deepEqual(sql('bytes > 1M'), { sql: 'bytes >= ?::BIGINT', params: [1_000_001] })
  assert.deepEqual(sql('src.ip = 10.0.0.0/8'), {
    sql: 'src_ip4 BETWEEN ?::UINTEGER AND ?::UINTEGER',
    params: [0x0a000000, 0x0affffff],
  })
  assert.deepEqual(sql('src.ip = 2001:db8::1'), {
    sql: 'src_ip6 = ?::BLOB',
    params: [bytes('20010db8000000000000000000000001')],
  })
  assert.deepEqual(sql('src.mac = 00:1b:21:0a:0b:0c'), { sql: 'src_mac = ?::BLOB', params: [bytes('001b210a0b0c')] })
})

test('texts go by equality, prefix, suffix, contains, and LIKE only for what is left', () => {
  assert.deepEqual(sql('src.name = WWW.example'), { sql: 'lower(src_name) = ?', params: ['www.example'] })
  assert.deepEqual(sql('src.name = *.Example'), { sql: 'suffix(lower(src_name), ?)', params: ['.example'] })
  assert.deepEqual(sql('src.name = w*'), { sql: 'prefix(lower(src_name), ?)', params: ['w'] })
  assert.deepEqual(sql('src.name ~ w'), { sql: 'contains(lower(src_name), ?)', params: ['w'] })
  assert.deepEqual(sql('src.name = *'), { sql: 'src_name IS NOT NULL', params: [] })
  assert.deepEqual(sql('src.name = "a_*b%"'), { sql: "lower(src_name) LIKE ? ESCAPE '\\'", params: ['a\\_%b\\%'] })
})

test('a column that holds lower case only is compared as it is', () => {
  const lowerCase = new Set<ColumnName>(['srcName', 'dstName'])
  assert.deepEqual(sql('src.name = X or src.org = X', { lowerCase }), {
    sql: '(src_name = ? OR lower(src_org) = ?)',
    params: ['x', 'x'],
  })
  assert.equal(sql('src.name = @dst.name', { lowerCase }).sql, 'src_name = dst_name')
})

test('what is negated also holds where there is NULL', () => {
  assert.equal(sql('not src.name = x').sql, '(lower(src_name) = ?) IS NOT TRUE')
  assert.equal(sql('src.name != x').sql, '(src_name IS NOT NULL AND (lower(src_name) = ?) IS NOT TRUE)')
  assert.equal(sql('vlan != 5').sql, '(vlan <> ?::USMALLINT AND vlan <> ?::USMALLINT)')
})

test('no part of a value gets into the text', () => {
  for (const value of ["x'; DROP TABLE flow; --", 'a"b', '?', '%_\\', "o'neil"]) {
    const quoted = `"${value.replaceAll(/[\\"*]/g, '\\$&')}"`
    for (const filter of [`dst.name = ${quoted}`, `dst.name ~ ${quoted}`, quoted, `site in (${quoted}, y)`]) {
      assert.equal(sql(filter).sql, sql(filter.replace(quoted, '"harmless"')).sql)
    }
  }
})
