// Every page of the console: no accessibility violation that axe knows, light, dark and 390 px wide, nothing wider than the
// window; what a viewer may not do is not offered; the system is served below a sub-path.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before, test } from 'node:test'
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
    timeout: 120_000,
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
  timeout: 30_000,
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

test('a viewer is not offered what a viewer may not do', { skip: SKIP, timeout: 30_000 }, async () => {
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
