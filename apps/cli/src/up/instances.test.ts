import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instancesOf } from './instances.ts'

const app = (name: 'collector' | 'enricher' | 'archiver') => ({ name, main: new URL('file:///main.ts') })

test('one of an app keeps the name of the copy; several are numbered, and collectors share their ports', () => {
  const config = { instance: 'box', collectors: 1, enrichers: 2 }
  assert.deepEqual(
    instancesOf(app('collector'), config).map(({ label, instance, env }) => [label, instance, env]),
    [['collector', 'box', {}]],
  )
  assert.deepEqual(
    instancesOf(app('enricher'), config).map(({ label, instance, env }) => [label, instance, env]),
    [
      ['enricher box-1', 'box-1', { NETBEHAVE_INSTANCE: 'box-1' }],
      ['enricher box-2', 'box-2', { NETBEHAVE_INSTANCE: 'box-2' }],
    ],
  )
  const [, second] = instancesOf(app('collector'), { ...config, collectors: 2 })
  assert.deepEqual(second!.env, { NETBEHAVE_INSTANCE: 'box-2', COLLECTOR_SHARE_PORTS: 'true' })
  assert.equal(instancesOf(app('archiver'), config).length, 1)
})

test('a name of 64 characters has room for the number', () => {
  const names = instancesOf(app('enricher'), { instance: 'x'.repeat(64), collectors: 1, enrichers: 16 })
  assert.equal(names.at(-1)!.instance.length, 64)
  assert.equal(new Set(names.map(({ instance }) => instance)).size, 16)
})
