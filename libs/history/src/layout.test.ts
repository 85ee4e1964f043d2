import assert from 'node:assert/strict'
import { test } from 'node:test'
import { COLUMN_NAMES } from '@netbehave/schema'
import { PARQUET_COLUMNS } from './layout.ts'

test('every flow column has its Parquet columns, each name once', () => {
  const names = PARQUET_COLUMNS.map(({ name }) => name)
  assert.equal(new Set(names).size, names.length)
  assert.deepEqual(new Set(PARQUET_COLUMNS.map(({ column }) => column)), new Set(['site', ...COLUMN_NAMES]))
  for (const name of names) assert.match(name, /^[a-z][a-z0-9_]*$/)
})

test('types are the narrowest that hold a column, and an address is two columns', () => {
  const typeOf = (name: string) => PARQUET_COLUMNS.find((column) => column.name === name)?.type
  assert.deepEqual(
    [
      'first_ms',
      'src_ip4',
      'src_ip6',
      'src_port',
      'protocol',
      'bytes',
      'src_mac',
      'src_name',
      'exporter',
      'exporter_domain',
      'exporter_version',
      'src_as',
    ].map(typeOf),
    [
      'BIGINT',
      'UINTEGER',
      'BLOB',
      'USMALLINT',
      'UTINYINT',
      'BIGINT',
      'BLOB',
      'VARCHAR',
      'VARCHAR',
      'UINTEGER',
      'UTINYINT',
      'UINTEGER',
    ],
  )
  assert.equal(typeOf('src_ip'), undefined)
})

test('what stands for no value is what the table of columns says', () => {
  const absent = Object.fromEntries(PARQUET_COLUMNS.map(({ name, absent: sql }) => [name, sql]))
  assert.equal(absent.sampling, '1::UINTEGER')
  assert.equal(absent.direction, '255::UTINYINT')
  assert.equal(absent.src_ip4, '0::UINTEGER')
  assert.equal(absent.nat_src_ip4, 'NULL::UINTEGER')
})
