// Every page of the console: no accessibility violation that axe knows, light, dark and 390 px wide, nothing wider than the
// window; what a viewer may not do is not offered; the system is served below a sub-path.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before, test } from 'node:test'
import { until } from '@netbehave/bench'
import type { AxeResults } from 'axe-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { type Account, launchBrowser, openConsole, signIn, takeAccount } from '../src/browser.ts'
import { mixedConversations } from '../src/conversations.ts'
import { missingProgram } from '../src/programs.ts'
import { runSoftflowd } from '../src/softflowd.ts'
import { type System, startSystem } from '../src/system.ts'

const SKIP = missingProgram('chromium') || missingProgram('softflowd')
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const BASE_PATH = '/net/behave'

/** Each page, and a text that stands on it when its content has come. */
const PAGES: readonly (readonly [string, RegExp])[] = [
  ['', /matched\/s/],
  ['?q=dst.prt%20%3D%201', /did you mean/],
  ['search', /[\d,]+ flows/],
  ['search?view=top&by=dst.ip,dst.port', /different values/],
  ['search?view=sankey', /The same as a table/],
  ['assets', /on the local networks/],
  ['assets?ip=192.168.1.10', /Peers this week/],
  ['dns', /Names come from the log of your DNS server/],
  ['rules', /the first that matches names the flow/],
  ['alerts', /Alerts go out once a channel has an address/],
  ['days', /A day begins at midnight/],
  ['health', /Refreshed every 5 s/],
  ['health?exporter=127.0.0.1', /Observation domain/],
  ['first-run', /of 5 steps|Everything works/],
  ['help', /The documentation that came with this version/],
  ['help/routers#juniper-inline-ipfix', /show services accounting flow inline-jflow/],
  ['account', /Change the password/],
  ['nowhere', /There is no such page/],
]
const MODES: readonly (readonly [string, BrowserContextOptions])[] = [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['390 px', { colorScheme: 'light', viewport: { width: 390, height: 800 } }],
]

let system: System
let browser: Browser
let account: Account
let base: string

before(async () => {
  if (SKIP) return
  system = await startSystem({ env: { SEARCH_GW_BASE_PATH: BASE_PATH, ARCHIVER_FLUSH_INTERVAL_MS: '300' } })
  base = `${system.ready.http.replace(/\/$/, '').replace(BASE_PATH, '')}${BASE_PATH}/`
  ;[browser, account] = await Promise.all([launchBrowser(), takeAccount(system)])
  const packets = mixedConversations({ startMs: Date.now() - 60_000, count: 40 })
  await runSoftflowd(packets, 10, system.collector)
  await system.untilFlows(20)
})
after(async () => {
  await browser?.close()
  await system?.[Symbol.asyncDispose]()
})

/** What axe finds, one line each. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  const results = await page.evaluate<AxeResults>('axe.run({ resultTypes: ["violations"] })')
  return results.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(
      ({ target, any }) => `${id}: ${help}: ${target.join(' ')} ${any.map(({ message }) => message).join('; ')}`,
    ),
  )
}

for (const [mode, options] of MODES) {
  test(`every page, ${mode}: axe finds nothing, nothing is wider than the window, the page says no error`, {
    skip: SKIP,
    timeout: 300_000,
  }, async () => {
    await using opened = await openConsole(browser, base, { ...options, reducedMotion: 'reduce' })
    const { page, errors } = opened
    await page.goto('./')
    await page.getByLabel('User').waitFor()
    const found = (await violations(page)).map((line) => `sign in: ${line}`)
    await signIn(page, account)
    for (const [path, text] of PAGES) {
      await page.goto(path === '' ? './' : path)
      await page.locator('main').getByText(text).or(page.getByRole('dialog').getByText(text)).first().waitFor()
      found.push(...(await violations(page)).map((line) => `${path}: ${line}`))
      const wider = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
      assert.ok(wider <= 0, `${path} is ${wider} px wider than the window`)
    }
    assert.deepEqual(found, [])
    // Services that this system does not run are answered with 503; an exporter and an asset may not be there.
    assert.deepEqual(
      errors.filter((error) => !/status of (503|404)/.test(error)),
      [],
    )
  })
}

test('the switch goes from the system to light to dark, and holds after a reload', {
  skip: SKIP,
  timeout: 300_000,
}, async () => {
  await using opened = await openConsole(browser, base, { colorScheme: 'dark' })
  const { page } = opened
  await signIn(page, account)
  const shown = () => page.locator('html').getAttribute('data-bs-theme')
  assert.equal(await shown(), 'dark')
  await page.getByRole('button', { name: /Change to light/ }).click()
  assert.equal(await shown(), 'light')
  await page.reload()
  await page.getByRole('navigation', { name: 'Pages' }).waitFor()
  assert.equal(await shown(), 'light')
})

test('a viewer is not offered what a viewer may not do', { skip: SKIP, timeout: 300_000 }, async () => {
  const { stdout } = await system.run('users', 'add', 'val', '--role', 'viewer')
  const password = /password (\S+)/.exec(stdout)?.[1] ?? ''
  await using opened = await openConsole(browser, base)
  const { page } = opened
  await signIn(page, { user: 'val', password })
  await page.getByRole('link', { name: 'Days' }).click()
  await page
    .getByRole('button', { name: /^Download/ })
    .first()
    .waitFor()
  assert.equal(await page.getByRole('button', { name: /^(Check|Prune) / }).count(), 0)
  await page.getByRole('link', { name: /val/ }).click()
  await page.getByText('API tokens').waitFor()
  assert.equal(await page.getByRole('heading', { name: 'Users' }).count(), 0)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByLabel('User').waitFor()
})

test('every rule shows its filter and its hits, though no file was named to the gateway; a filter is a click from its flows', {
  skip: SKIP,
  timeout: 300_000,
}, async () => {
  await using opened = await openConsole(browser, base)
  const { page } = opened
  await signIn(page, account, 'rules')
  const ping = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: 'ping', exact: true }) })
  const hits = ping.getByRole('cell').nth(-2)
  await until('hits of pings are told', async () => Number((await hits.textContent())?.replaceAll(',', '')) > 0)
  await ping.getByRole('link', { name: /^protocol = ICMP and/ }).click()
  await page.getByRole('grid').getByText('echo reply').first().waitFor()
  assert.match((await page.getByRole('combobox', { name: 'Filter' }).inputValue()) ?? '', /^protocol = ICMP and/)
  assert.deepEqual(opened.errors, [])
})

test('the chart tells what the pointer is on, and a stroke over it is the span of the search', {
  skip: SKIP,
  timeout: 300_000,
}, async () => {
  await using opened = await openConsole(browser, base)
  const { page } = opened
  await signIn(page, account, 'search?from=-15m')
  const over = page.locator('.u-over')
  await over.waitFor()
  const { x, y, width, height } = (await over.boundingBox())!
  const told = page.locator('.chart-near')
  // The flows are a minute or two old: somewhere in the last third.
  const at = async (share: number) => {
    await page.mouse.move(x + width * share, y + height / 2)
    return (await told.textContent()) ?? ''
  }
  const shares = Array.from({ length: 60 }, (_, i) => 0.4 + i / 100)
  const found = await shares.reduce<Promise<number | undefined>>(async (before, share) => {
    return (await before) ?? (/: [1-9][\d,]* flows?, /.test(await at(share)) ? share : undefined)
  }, Promise.resolve(undefined))
  assert.ok(found !== undefined, 'some bucket has flows')
  await page.mouse.move(x + width * (found - 0.1), y + height / 2)
  await page.mouse.down()
  await page.mouse.move(x + width * (found + 0.05), y + height / 2, { steps: 4 })
  await page.mouse.up()
  await page.waitForURL(/from=\d{4}-\d\d-\d\dT/)
  const span = new URL(page.url()).searchParams
  const lengthMs = Date.parse(span.get('to')!) - Date.parse(span.get('from')!)
  assert.ok(Math.abs(lengthMs - 0.15 * 900_000) < 20_000, `${lengthMs} ms`)
  await page
    .getByText(/[\d,]+ flows/)
    .first()
    .waitFor()
  assert.deepEqual(opened.errors, [])
})
