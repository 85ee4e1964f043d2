// The console of a system in which nothing is set up says on every page what to do; then a flood on the Live page: drops are counted, the
// document stays small, the page stays in hand. In a real Chromium.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startNode, until } from '@netbehave/bench'
import { violations } from '../src/axe.ts'
import { launchBrowser, openConsole, signIn, takeAccount } from '../src/browser.ts'
import { type ConsoleState, show } from '../src/console-states.ts'
import { missingProgram } from '../src/programs.ts'
import { startSystem } from '../src/system.ts'

const FLOWS_PER_SECOND = 5000
/** The sender is ended when the test has seen enough; this is only the bound. */
const MAX_SECONDS = 250
/** Rows of an 800 px window, with those that are kept ready before and after. */
const MOST_ROWS = 80
/** live-feed.ts: MAX_ENTRIES. */
const MOST_ENTRIES = 3000
const SENDER = import.meta
  .resolve('@netbehave/bench')
  .replace(/index\.ts$/, 'send-workload.ts')
  .replace('file://', '')

/** Pages before the first flow, without a DNS log and a channel for alerts. */
const NOTHING: readonly ConsoleState[] = [
  { path: '', text: /Nothing comes\? First run shows how to point a router here/ },
  { path: 'search', text: /No flow in this span/ },
  { path: 'assets', text: /Devices of the local networks appear here with their first flow/ },
  { path: 'assets?ip=192.0.2.1', text: /^Not there$/ },
  { path: 'dns', text: /Names come from the log of your DNS server/ },
  { path: 'alerts', text: /Alerts go out once a channel has an address/ },
  { path: 'days', text: /The first flows are written some seconds after they came/ },
  { path: 'health', text: /No exporter has sent anything yet/ },
  { path: 'health?exporter=192.0.2.1', text: /^Not there$/ },
  { path: 'first-run', text: /of 5 steps/ },
]
/** Answers that are right there: services that do not run, things that there are not. */
const RIGHT =
  /503.*\/api\/v1\/(dns\/(queries|info)|alerts(\/info)?)(\?|$)|404.*\/api\/v1\/(asset\?ip=192\.0\.2\.1|exporters\/192\.0\.2\.1)$/

test('nothing is set up: every page says what to do; 5,000 flows/s: the drop counter counts, few rows are in the document, the page can be paused and filtered', {
  skip: missingProgram('chromium'),
  timeout: 300_000,
}, async () => {
  await using system = await startSystem()
  const browser = await launchBrowser()
  try {
    const account = await takeAccount(system)
    await using opened = await openConsole(browser, `${system.ready.http}/`)
    const { page } = opened
    await signIn(page, account)
    await page.emulateMedia({ reducedMotion: 'reduce' })
    for (const state of NOTHING) {
      await show(page, state)
      assert.deepEqual([state.path, ...(await violations(page))], [state.path])
    }
    assert.deepEqual(
      opened.errors.splice(0).filter((error) => !RIGHT.test(error)),
      [],
    )
    await show(page, { path: '', text: /matched\/s/ })
    const port = system.collector.split(':')[1]!
    await using _sender = startNode(SENDER, [port, String(FLOWS_PER_SECOND), String(MAX_SECONDS)])

    const dropped = async () => Number(((await page.locator('.has-dropped b').textContent()) ?? '').replaceAll(',', ''))
    await page.locator('.has-dropped').waitFor()
    const first = await dropped()
    await until('the drop counter rises', async () => (await dropped()) > first + FLOWS_PER_SECOND)
    const rows = page.locator('.flow-scroller [role=row]')
    const count = await rows.count()
    assert.ok(count > 10 && count <= MOST_ROWS, `${count} rows are in the document`)
    const entries = Number(await page.getByRole('grid').getAttribute('aria-rowcount'))
    assert.ok(entries <= MOST_ENTRIES + 1, `${entries} rows are kept`)
    await page
      .locator('.gap-row')
      .getByText(/[\d,]+ flows not shown/)
      .first()
      .waitFor()

    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByText(/paused, [\d,]+ flows since/).waitFor()
    const paused = await rows.allTextContents()
    await until(
      'flows come while it is paused',
      async () =>
        Number(
          /paused, ([\d,]+)/.exec((await page.locator('.stat-line').textContent()) ?? '')?.[1]?.replaceAll(',', ''),
        ) > FLOWS_PER_SECOND,
    )
    assert.deepEqual(await rows.allTextContents(), paused, 'a paused view does not move')

    // Rows of the filter before are on their way, often, when another is applied: none may show under it.
    await page.getByRole('button', { name: 'Start' }).click()
    const filter = page.getByRole('combobox', { name: 'Filter' })
    for (let time = 0; time < 4; time++) {
      await rows.first().waitFor()
      await filter.fill('dst.port = 1 and src.port = 1')
      await filter.press('Enter')
      await page.getByText('Nothing matches yet').waitFor()
      await page.getByRole('button', { name: 'Show everything' }).click()
    }
    assert.deepEqual(opened.errors, [])
  } finally {
    await browser.close()
  }
})
