// The nats-server of `up` when sites come or go at the worst moment: while it is being started again after a death.
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { until } from '@netbehave/bench'
import { ensureStreams, hubConfig, makeKeys, readPublicKey, roleKeys } from '@netbehave/broker'
import { silentLog } from '@netbehave/broker/testing'
import type { Log } from '@netbehave/service'
import { type BrokerPlan, startBroker } from '../src/up/broker.ts'

const SITES = ['home']

test('a change of sites while nats-server is started again is taken, and its next death is told as one', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'netbehave-up-broker-'))
  const keys = join(dir, 'keys')
  makeKeys(keys, roleKeys(SITES))
  let version = 1
  let change = () => {}
  let changesAtNextStart = false
  const plan: BrokerPlan = {
    prepare: async () => {},
    config(listen) {
      const jetstream = { storeDir: join(dir, 'jetstream'), maxFileBytes: 8 * 1024 ** 3 }
      const publicKeyOf = (key: string) => readPublicKey(keys, key)
      const text = hubConfig({ sites: SITES, publicKeyOf, listen, dir, jetstream, name: `hub-${version}` })
      if (changesAtNextStart) {
        changesAtNextStart = false
        version++
        change()
      }
      return text
    },
    keeper: 'flow-admin',
    makeStreams: async (keeper) => ensureStreams(await keeper.connected),
    watch(onChange) {
      change = onChange
      return { [Symbol.dispose]() {} }
    },
  }
  let deaths = 0
  const started: number[] = []
  {
    await using broker = await startBroker({
      ...{ plan, dir, binary: process.env.NATS_SERVER_BIN ?? 'nats-server', path: process.env.PATH ?? '' },
      ...{ listen: '127.0.0.1:0', instance: 'test', site: 'home', log: silentLog as Log },
      onDeath: () => void deaths++,
      onRestart: (pid) => void started.push(pid),
    })
    const killAndWait = async (starts: number) => {
      process.kill(broker.pid, 'SIGKILL')
      await until('nats-server runs again', () => started.length === starts)
    }
    changesAtNextStart = true
    await killAndWait(2) // once more for the change, which came too late for the first
    assert.match(await readFile(join(dir, 'nats.conf'), 'utf8'), /"hub-2"/)
    assert.equal(deaths, 1, 'a start that was wanted is no death')
    await killAndWait(3)
    assert.equal(deaths, 2)
  }
  await rm(dir, { recursive: true, force: true })
})
