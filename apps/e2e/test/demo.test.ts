// `netbehave demo` as a newcomer runs it: within a minute the past is there, flows have names, also on the Live page, a new device and a
// scan are alerts; the next start goes on with the same story.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Child, startNode, until } from '@netbehave/bench'
import { launchBrowser, openConsole, signIn } from '../src/browser.ts'
import { missingProgram, NETBEHAVE } from '../src/programs.ts'
import { runNetbehave } from '../src/run-netbehave.ts'

interface DemoReady {
  readonly http: string
  readonly user: string
  readonly password: string
}

const HOUR_MS = 3_600_000
const PATIENCE = { timeoutMs: 300_000 }

/** What a newcomer looks at first: flows of this moment, with a device, a name and the holder of the address. */
async function lookAtLive({ http, user, password }: DemoReady): Promise<void> {
  await using browser = await launchBrowser()
  await using opened = await openConsole(browser, `${http}/`)
  const { page, errors } = opened
  await signIn(page, { user, password })
  await page
    .locator('.flow-scroller [role=row]')
    .filter({ has: page.locator('.asset') })
    .filter({ has: page.locator('.name', { hasText: /\.example$/ }) })
    .filter({ has: page.locator('.c-org .value', { hasText: /Example$/ }) })
    .first()
    .waitFor({ timeout: PATIENCE.timeoutMs })
  assert.deepEqual(errors, [])
}

test('the demo tells a past and a present: names, a new device, a scan, no loss; a second start goes on', {
  timeout: 900_000,
}, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'netbehave-demo-'))
  const data = join(dir, 'data')
  const start = (...args: string[]): Child =>
    startNode(NETBEHAVE, ['demo', '--data', data, '--history', '1h', '--json', ...args], {
      cwd: dir,
      // A setting of another copy must not reach it.
      env: { ...process.env, NO_COLOR: '1', COLLECTOR_LISTEN: 'nonsense' },
    })
  const ask = async (...args: string[]) => {
    const { code, stdout, stderr } = await runNetbehave([...args, '--data', data], { cwd: dir })
    assert.equal(code, 0, `${args.join(' ')}: ${stderr}`)
    return stdout
  }
  const count = async (...filter: string[]) =>
    (JSON.parse(await ask('search', '--count', ...filter)) as { flows: number }).flows
  const readyLine = async (demo: Child) =>
    JSON.parse(await demo.line((line) => line.startsWith('{"ready"'))) as DemoReady
  try {
    const beginMs = Date.now()
    {
      await using demo = start()
      const ready = await readyLine(demo)
      await until('the past is told', () => /the past since .* is told: [\d,]+ flows/.test(demo.stderr), PATIENCE)
      const told = Number(/is told: ([\d,]+) flows/.exec(demo.stderr)?.[1]?.replaceAll(',', ''))
      await until('history has the past', async () => (await count('--from', '-3h')) >= told, PATIENCE)
      assert.ok((await count('--to', new Date(beginMs - HOUR_MS / 2).toISOString())) > told / 4, 'at its own time')

      await until(
        'the new device is an alert',
        () => /alert: New device .*192\.168\.78\.100/.test(demo.stderr),
        PATIENCE,
      )
      await until(
        'the scan is an alert',
        () => /alert: Rule port scan inside: 192\.168\.77\.13/.test(demo.stderr),
        PATIENCE,
      )
      await until('the scan is in history', async () => (await count('rule = "port scan inside"')) >= 11 * 16, PATIENCE)

      // Flows of the past and of now carry the name that the device itself asked for, though names share addresses.
      const named = await count('dst.ip = 203.0.113.10', 'dst.name.how = own')
      const all = await count('dst.ip = 203.0.113.10')
      assert.ok(named > 0.98 * all, `${named} of ${all}`)
      for (const name of ['shop.example', 'weather.example']) assert.ok((await count(`dst.name = ${name}`)) > 0, name)
      const held = await count('dst.ip = 203.0.113.10', 'dst.org = "Edge Example"')
      assert.ok(held > 0.98 * all, `holders of ${held} of ${all} are named`)
      assert.match(await ask('dns', 'ls'), /blocked/)
      assert.match(await ask('assets', 'ls'), /192\.168\.77\.13 +home +door camera +24:0a:c4:a2:00:13 +Espressif/)
      const { exporters } = JSON.parse(await ask('exporters', '-o', 'json')) as { exporters: { lost: number }[] }
      assert.deepEqual(
        exporters.map(({ lost }) => lost),
        [0],
      )

      if (!missingProgram('chromium')) await lookAtLive(ready)
      const authorization = `Basic ${Buffer.from(`${ready.user}:${ready.password}`).toString('base64')}`
      const rules = await fetch(`${ready.http}/api/v1/rules`, { headers: { authorization } })
      assert.equal(rules.status, 200)
      assert.match(await rules.text(), /port scan inside/)
      assert.equal((await runNetbehave(['demo', '--data', data], { cwd: dir })).code, 69, 'one at a time')
      demo.signal('SIGINT')
      assert.equal(await demo.ended, 0, demo.stderr)
    }
    const before = await count()
    await using again = start('--minutes', '0.2')
    await readyLine(again)
    assert.equal(await again.ended, 0, again.stderr)
    const after = await count()
    assert.ok(after > before && after < before + 30_000, `${before} flows, then ${after}: the past is not told twice`)
    const other = await runNetbehave(['demo', '--data', data, '--seed', '2'], { cwd: dir })
    assert.equal(other.code, 64)
    assert.match(other.stderr, /was begun with --seed 1/)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
})
