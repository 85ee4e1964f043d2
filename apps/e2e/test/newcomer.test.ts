// What a newcomer types, in that order, in two terminals: up, replay of saved datagrams, search, days, exporters.
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startChild, until } from '@netbehave/bench'
import { workloadW } from '@netbehave/netflow/testing'
import { ROOT } from '../src/programs.ts'
import type { ReadyLine } from '../src/system.ts'

const DATAGRAMS = 5

test('a newcomer starts it, replays saved datagrams, and finds their flows, their day and their exporter', {
  timeout: 300_000,
}, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'netbehave-newcomer-'))
  const address = '127.0.0.1:0'
  const netbehave = (...args: string[]) => startChild(join(ROOT, 'netbehave'), args, { cwd: dir })
  await using up = netbehave('up', '--listen', address, '--nats', address, '--http', address, '--json')
  const ready = JSON.parse(await up.line((line) => line.startsWith('{"ready"'))) as ReadyLine
  assert.equal(ready.ready, true)
  assert.match(ready.nats, /^nats:\/\/127\.0\.0\.1:\d+$/)
  assert.equal((await fetch(`${ready.http}/`)).status < 500, true)

  const typed = async (...args: string[]) => {
    const command = netbehave(...args)
    assert.equal(await command.ended, 0, `${args.join(' ')}: ${command.stderr}`)
    return command.stdout
  }
  const workload = workloadW({ datagrams: DATAGRAMS, exportMs: Date.now() })
  const files = await Promise.all(
    [workload.template, ...workload.datagrams].map(async (datagram, i) => {
      const file = join(dir, `${i}.bin`)
      await writeFile(file, datagram)
      return file
    }),
  )
  await typed('replay', ...files, '--to', ready.collector[0]!)

  const { flows, bytes, packets } = workload
  const count = async () => JSON.parse(await typed('search', '--count')) as { flows: number }
  await until('a search finds the flows', async () => (await count()).flows >= flows)
  assert.deepEqual(await count(), { flows, bytes, packets })

  const exporters = await typed('exporters')
  assert.match(exporters, /127\.0\.0\.1/)
  const days = JSON.parse(await typed('days', 'ls', '-o', 'json')) as { flows: number }[]
  assert.equal(
    days.reduce((sum, day) => sum + day.flows, 0),
    flows,
  )
  up.signal('SIGTERM')
  assert.equal(await up.ended, 0)
  assert.deepEqual(JSON.parse(await typed('search', '--count')), { flows, bytes, packets }, 'also when it is stopped')
  await rm(dir, { recursive: true, force: true })
})
