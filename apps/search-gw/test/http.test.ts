import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { publishStats } from '@netbehave/broker'
import { startTestBroker } from '@netbehave/broker/testing'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** The gateway as a process of its own; its log tells the bound address. */
async function startGateway(brokerUrl: string) {
  const child = spawn(process.execPath, [MAIN, '--listen', '127.0.0.1:0'], {
    env: { ...process.env, NETBEHAVE_BROKER_URL: brokerUrl },
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  for await (const line of createInterface(child.stderr)) {
    const { http } = JSON.parse(line) as { http?: string }
    if (!http) continue
    return {
      http,
      async [Symbol.asyncDispose]() {
        child.kill('SIGTERM')
        assert.equal(await ended, 0)
      },
    }
  }
  return assert.fail(`the gateway ended with code ${await ended} before it was ready`)
}

test('/metrics merges the snapshots of all apps, and /healthz says what is missing', async () => {
  await using broker = await startTestBroker()
  await using gateway = await startGateway(broker.url)
  const health = async () => {
    const response = await fetch(`${gateway.http}/healthz`)
    return {
      code: response.status,
      body: (await response.json()) as { findings: string[]; running: Record<string, number> },
    }
  }
  /** The gateway hears of itself and others at their pace. */
  const until = async (condition: () => Promise<boolean>) => {
    while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await until(async () => (await health()).body.running['search-gw'] === 1)
  const before = await health()
  assert.equal(before.code, 503)
  assert.ok(before.body.findings.some((finding) => /no archiver has reported/.test(finding)))

  const connection = broker.connect('collector')
  const publish = (app: string, site: string, value: number) =>
    publishStats(connection, {
      app,
      site,
      instance: 'one',
      startedMs: 1,
      now: Date.now,
      metrics: async () => [
        {
          name: `netbehave_${app}_flows_total`,
          help: 'flows',
          type: 'counter',
          aggregator: 'sum',
          values: [{ value, labels: {} }],
        },
        { name: 'evil{} 1\nx', help: '', type: 'counter', aggregator: 'sum', values: [] },
      ],
    })
  using _a = publish('collector', 'home', 3)
  using _b = publish('collector', 'office', 4)
  using _c = publish('enricher', 'home', 5)
  using _d = publish('archiver', 'home', 6)
  await until(async () => (await health()).code === 200)
  const text = await (await fetch(`${gateway.http}/metrics`)).text()
  assert.match(text, /netbehave_collector_flows_total\{site="home",instance="one"\} 3/)
  assert.match(text, /netbehave_collector_flows_total\{site="office",instance="one"\} 4/)
  assert.match(text, /netbehave_search_gw_stats_apps\{/)
  assert.doesNotMatch(text, /evil/)
  assert.equal((await fetch(`${gateway.http}/etc/passwd`)).status, 404)
})
