// The web console in a real Chromium, against the running system, fed by softflowd: what a person does with it.
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { startWebhook, until, type Webhook } from '@netbehave/bench'
import type { Browser, Locator, Page } from 'playwright-core'
import { type Account, launchBrowser, openConsole, signIn, takeAccount } from '../src/browser.ts'
import { mixedConversations } from '../src/conversations.ts'
import { dailySums, integrityOf } from '../src/daily-database.ts'
import { missingProgram } from '../src/programs.ts'
import { runSoftflowd, softflowdFlows } from '../src/softflowd.ts'
import { type System, startSystem } from '../src/system.ts'
import { zoneWhereItIs } from '../src/time-zone.ts'

const SKIP = missingProgram('chromium') || missingProgram('softflowd')
const HOUR_MS = 3_600_000
const KIB = 1024
/** web.md: first load, gzipped. */
const BUDGET = { script: 45 * KIB, stylesheet: 35 * KIB }
const HOSTILE = '<img src=x onerror="document.title=\'run\'">'

let webhook: Webhook<{ kind: string; subject: string }>
let system: System
let browser: Browser
let account: Account
let scratch: string
/** Numbers of conversations that were sent, so that the next ones are others. */
let nextNumber = 0
const nowMs = Date.now()
const timezoneId = zoneWhereItIs(2, nowMs)

/** Flows of today that were sent. */
let sentToday = 0

/** Sends some conversations of 20 s ago; their flows. */
async function sendFlows(count: number, startMs = Date.now() - 20_000, firstNumber = nextNumber) {
  const packets = mixedConversations({ startMs, count, firstNumber })
  nextNumber = firstNumber + count
  await runSoftflowd(packets, 10, system.collector)
  const flows = softflowdFlows(packets, 10)
  if (startMs > nowMs - HOUR_MS) sentToday += flows.length
  return flows
}

interface DaySums {
  readonly day: string
  readonly flows: number
  readonly bytes: number
}

const rows = (page: Page): Locator => page.locator('.flow-scroller [role=row]')
const filterBox = (page: Page): Locator => page.getByRole('combobox', { name: 'Filter' })
const statLine = (page: Page): Locator => page.locator('.stat-line').first()

/** Live, listening: what is sent from here on is shown. */
async function openLive(page: Page): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name: 'Live' }).click()
  await page.getByText('matched/s').waitFor()
}

/** A console of its own that is signed in; at its end nothing may have gone wrong in it. */
async function inConsole(use: (page: Page) => Promise<void>): Promise<void> {
  await using opened = await openConsole(browser, `${system.ready.http}/`, { timezoneId })
  await signIn(opened.page, account)
  await use(opened.page)
  // No DNS log is read here: the page of an asset says so in the place of the names that it asked for.
  const isAway = (error: string) => error.includes('status of 503') && error.includes('/api/v1/dns/')
  assert.deepEqual(
    opened.errors.filter((error) => !isAway(error)),
    [],
  )
}

before(async () => {
  if (SKIP) return
  scratch = await mkdtemp(join(tmpdir(), 'netbehave-console-'))
  webhook = await startWebhook()
  system = await startSystem({
    env: { TZ: timezoneId, ARCHIVER_FLUSH_INTERVAL_MS: '300', ALERTER_WEBHOOK_URL: webhook.url },
  })
  ;[browser, account] = await Promise.all([launchBrowser(), takeAccount(system)])
})
after(async () => {
  await browser?.close()
  await system?.[Symbol.asyncDispose]()
  await webhook?.[Symbol.asyncDispose]()
  if (scratch) await rm(scratch, { recursive: true, force: true })
})

test('a wrong password is told, the right one opens Live; the first load is within its budget and from this host', {
  skip: SKIP,
  timeout: 300_000,
}, async () => {
  await using opened = await openConsole(browser, `${system.ready.http}/`)
  const { page } = opened
  const loaded: { kind: string; url: string; bytes: Promise<number> }[] = []
  page.on('response', (response) => {
    const kind = response.request().resourceType()
    loaded.push({
      kind,
      url: response.url(),
      bytes: response.body().then(
        (body) => gzipSync(body).length,
        () => 0,
      ),
    })
  })
  await page.goto('./')
  await page.getByLabel('User').fill('admin')
  await page.getByLabel('Password').fill('not the password')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page
    .getByRole('alert')
    .getByText(/wrong|password/i)
    .waitFor()
  await page.getByLabel('Password').fill(account.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('matched/s').waitFor()
  await page.getByText('Every flow.').waitFor()

  assert.deepEqual(
    loaded.map(({ url }) => new URL(url).origin).filter((origin) => origin !== system.ready.http),
    [],
  )
  for (const kind of ['script', 'stylesheet'] as const) {
    const sizes = await Promise.all(loaded.filter((entry) => entry.kind === kind).map(({ bytes }) => bytes))
    const sum = sizes.reduce((total, size) => total + size, 0)
    assert.ok(sizes.length > 0 && sum > 0, `some ${kind} was loaded`)
    assert.ok(sum <= BUDGET[kind], `${kind}: ${(sum / KIB).toFixed(1)} KiB of ${BUDGET[kind] / KIB}`)
  }
  assert.deepEqual(
    opened.errors.filter((error) => !error.includes('/api/v1/session')),
    [],
  )
})

test('the live view shows what softflowd sends; Space pauses, and what came meanwhile is loaded from history', {
  skip: SKIP,
  timeout: 300_000,
}, async () => {
  await inConsole(async (page) => {
    await openLive(page)
    await sendFlows(6)
    await rows(page).first().waitFor()
    await rows(page).filter({ hasText: '198.51.100.' }).first().waitFor()
    await rows(page).filter({ hasText: '2001:db8:' }).first().waitFor()

    await page.locator('body').press('Space')
    await page.getByRole('button', { name: 'Start' }).waitFor()
    const kept = async () => Number(await page.getByRole('grid').getAttribute('aria-rowcount')) - 1
    const shown = await kept()
    const missed = await sendFlows(12)
    await statLine(page).getByText(`${missed.length} flows`).waitFor()
    assert.equal(await kept(), shown, 'nothing is added while it is paused')

    await page.getByRole('button', { name: 'Start' }).click()
    const gap = page.locator('.gap-row')
    await gap.getByText(`${missed.length} flows not shown`).waitFor()
    // History has them as soon as the archiver has written: a click says so, and another tries again.
    await until('history has filled the gap', async () => {
      const [text] = await gap.allTextContents()
      if (text === undefined) return true
      // It may be filled before the click comes to it.
      if (!text.includes('loading'))
        await gap
          .first()
          .click({ timeout: 1_000 })
          .catch(() => {})
      return false
    })
    await page.getByRole('button', { name: 'Start' }).waitFor()
    await until('every flow is shown', async () => (await kept()) >= shown + missed.length)
  })
})

test('a filter that is none is underlined and told; a click on a value adds it, with Alt its opposite', {
  skip: SKIP,
  timeout: 300_000,
}, async () => {
  await inConsole(async (page) => {
    await openLive(page)
    await filterBox(page).fill('dst.prt = 443')
    await page.getByText('did you mean dst.port?').waitFor()
    assert.equal(await page.locator('.filter-mirror mark').textContent(), 'dst.prt')
    assert.equal(await filterBox(page).getAttribute('aria-invalid'), 'true')

    await filterBox(page).fill('protocol = UDP')
    await filterBox(page).press('Enter')
    await page.waitForURL(/\?q=protocol/)
    await page.getByText('Flows where the protocol is UDP.').waitFor()
    const firstNumber = nextNumber
    await sendFlows(12)
    await rows(page).first().waitFor()
    assert.deepEqual(
      await page
        .locator('.c-protocol .value')
        .allTextContents()
        .then((texts) => [...new Set(texts)]),
      ['UDP'],
    )

    await rows(page).first().locator('[data-field="src.ip"]').click()
    await page.waitForURL(/src\.ip/)
    assert.match(await filterBox(page).inputValue(), /^protocol = UDP and src\.ip = \S+$/)
    await sendFlows(12, undefined, firstNumber)
    await rows(page).first().waitFor()
    await rows(page)
      .first()
      .locator('[data-field="dst.ip"]')
      .click({ modifiers: ['Alt'] })
    await page.waitForURL(/not/)
    assert.match(await filterBox(page).inputValue(), /and not dst\.ip = \S+$/)
    await page.goBack()
    await until('the filter of before is back', async () => !(await filterBox(page).inputValue()).includes('not'))
  })
})

test('yesterday is searched by time and filter: rows, sums, top, sankey, and the export of exactly that', {
  skip: SKIP,
  timeout: 300_000,
}, async () => {
  const startMs = nowMs - 4 * HOUR_MS
  const sent = await sendFlows(24, startMs)
  const udp = sent.filter(({ protocol }) => protocol === 17)
  const bytes = udp.reduce((sum, flow) => sum + flow.bytes, 0)
  const span = `&from=${new Date(startMs - 60_000).toISOString()}&to=${new Date(startMs + 600_000).toISOString()}`
  await until('history has them', async () => (await system.count('protocol = UDP')).flows >= udp.length)
  await inConsole(async (page) => {
    await page.goto(`search?q=protocol%20%3D%20UDP${span}`)
    await statLine(page).getByText(`${udp.length} flows`).waitFor()
    await rows(page)
      .nth(udp.length - 1)
      .waitFor()
    await page.locator('.chart canvas').waitFor()
    const day = new Intl.DateTimeFormat('sv', { timeZone: timezoneId }).format(startMs)
    const start = rows(page).first().locator('.c-time')
    assert.ok((await start.textContent())?.includes(day.slice(5)), 'rows of another day say which')
    assert.ok(await start.evaluate((cell) => cell.scrollWidth <= cell.clientWidth), 'and their time is not cut')

    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: 'NDJSON' }).click()
    const path = join(scratch, 'flows.ndjson')
    await (await download).saveAs(path)
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
    const flows = lines.map((line) => JSON.parse(line) as { bytes: number; protocol: number })
    assert.equal(flows.length, udp.length)
    assert.equal(
      flows.reduce((sum, flow) => sum + flow.bytes, 0),
      bytes,
    )

    await page.getByRole('button', { name: 'Top', exact: true }).click()
    await page.getByRole('combobox', { name: /^By/ }).selectOption('dst.port')
    await page.waitForURL(/by=dst\.port/)
    await page.getByRole('button', { name: '53', exact: true }).click()
    await page.waitForURL(/dst\.port/)
    await page.getByRole('button', { name: 'Sankey' }).click()
    await page.getByText('The same as a table').waitFor()
    assert.ok((await page.locator('.sankey .band').count()) > 0)
  })
})

test('a row opens with every field, its pair leads to history; a rule made of it is tried, saved, and names its first flow', {
  skip: SKIP,
  timeout: 300_000,
}, async () => {
  const asked = 'dst.ip = 203.0.113.53'
  await sendFlows(6)
  await until('history has them', async () => (await system.count(asked)).flows > 0)
  await inConsole(async (page) => {
    const open = async () => {
      await page.goto(`search?q=${encodeURIComponent(asked)}`)
      await rows(page).first().locator('.c-time').click()
      return page.getByRole('dialog')
    }
    const drawer = await open()
    await drawer.getByText('Where it was seen').waitFor()
    await drawer.getByText('TCP flags').or(drawer.getByText('Protocol')).first().waitFor()
    await drawer.getByRole('link', { name: 'History of this pair' }).click()
    await page.waitForURL(/q=ip.*and.*ip/)
    await (await open()).getByRole('link', { name: 'Make a rule of this' }).click()
    await page.getByText(/192\.168\.1\.\d+ to 203\.0\.113\.53.* would have named/).waitFor()
    await page
      .getByText(/^now: /)
      .first()
      .waitFor()

    const text = page.getByLabel('Rules as in rules.yaml')
    const draft = await text.inputValue()
    assert.match(draft, /dst\.ip = 203\.0\.113\.53/)
    await text.fill(draft.replace('dst.ip', 'dst.iip'))
    await page.getByRole('button', { name: 'Test against' }).click()
    await page.getByText('did you mean dst.ip?').waitFor()
    const own = `- name: asks outside
  match: dst.ip = 203.0.113.53
  alert: [webhook]
- name: pings outside
  match: protocol = ICMP and dst.port = 2048
  alert: [webhook]
`
    await text.fill(own)
    await page.getByRole('button', { name: 'Test against' }).click()
    for (const name of ['asks outside', 'pings outside']) await page.getByText(`${name} would have named`).waitFor()

    // As the page says: a copy of the shipped rules in the folder where NetBehave runs, with the new ones at its top.
    const advice = page.getByText('The shipped rules are in force.')
    const [shipped = ''] = await advice.locator('code').allTextContents()
    await writeFile(join(scratch, 'rules.yaml'), `${await text.inputValue()}${await readFile(shipped, 'utf8')}`)
    await rename(join(scratch, 'rules.yaml'), join(system.dataDir, 'rules.yaml'))
    const row = page.getByRole('row').filter({ hasText: 'asks outside' })
    await row.getByText('none yet').waitFor()
    await page.getByText(/before every rule that names these flows now/).waitFor()
    await sendFlows(1, undefined, 1)
    await until('its first hit is shown', async () => (await row.locator('td.number').last().textContent()) === '1')
    await row.getByRole('link', { name: 'asks outside', exact: true }).click()
    await rows(page).filter({ hasText: '192.168.1.11' }).first().waitFor()
  })
})

test('the alert of a rule is listed, its channel is tested, and a rule that is muted on the page is told of no more', {
  skip: SKIP,
  timeout: 300_000,
}, async () => {
  // Of the rule that the test before has made.
  const told = (text: string) =>
    webhook.taken.filter(({ subject }) => subject.includes(text)).map(({ subject }) => subject)
  await until('the first hit is told', () => told('asks outside').length > 0)
  await inConsole(async (page) => {
    await page.getByRole('link', { name: 'Alerts' }).click()
    const sent = page.getByRole('row').filter({ hasText: 'asks outside' })
    await until('it is listed as sent', async () => {
      await page.getByRole('button', { name: 'Refresh' }).click()
      return (await sent.filter({ hasText: 'sent' }).count()) > 0
    })
    await page.getByRole('button', { name: 'Test webhook' }).click()
    await page.getByText(/A test message went to 127\.0\.0\.1:\d+\./).waitFor()
    assert.ok(webhook.taken.some(({ kind }) => kind === 'test'))

    await page.getByRole('link', { name: 'Rules' }).click()
    await page.getByRole('link', { name: 'Mute asks outside' }).click()
    assert.equal(await page.getByLabel('What to mute').inputValue(), 'rule')
    assert.equal(await page.getByLabel('Its address, or the name of the rule').inputValue(), 'asks outside')
    await page.getByRole('button', { name: 'Mute', exact: true }).click()
    const unmute = page.getByRole('button', { name: 'Unmute asks outside' })
    await unmute.waitFor()
    assert.equal(await page.getByLabel('Its address, or the name of the rule').inputValue(), '')
    // Of two rules in one export, the one that is not muted comes to its owner.
    await sendFlows(2, undefined, 7)
    await until('the other rule is told', () => told('pings outside').length > 0)
    assert.deepEqual(told('192.168.1.17'), [])
    await unmute.click()
    await page.getByText('Nothing is muted.').waitFor()
  })
})

test('an asset is named by a person; a name that is markup stays text everywhere', {
  skip: SKIP,
  timeout: 300_000,
}, async () => {
  await sendFlows(12)
  await inConsole(async (page) => {
    await page.getByRole('link', { name: 'Assets' }).click()
    await until('the asset is listed', async () => {
      await page.reload()
      await page.getByRole('table').or(page.locator('.pane')).first().waitFor()
      return (await page.getByRole('row').filter({ hasText: '192.168.1.10' }).count()) > 0
    })
    await page.getByRole('row').filter({ hasText: '192.168.1.10' }).getByRole('link').first().click()
    await page.getByRole('button', { name: 'Edit' }).click()
    await page.getByLabel('Name', { exact: true }).fill(HOSTILE)
    await page.getByLabel('Note').fill(HOSTILE)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('heading', { name: HOSTILE }).waitFor()
    await page.locator('.asset-note').getByText(HOSTILE).waitFor()

    await openLive(page)
    // The enricher hears of the new label by itself; flows that follow carry it.
    await until('flows carry the name', async () => {
      await sendFlows(3, undefined, 0)
      return (await rows(page).filter({ hasText: HOSTILE }).count()) > 0
    })
    await rows(page).filter({ hasText: HOSTILE }).first().locator('.asset').first().click()
    await page.waitForURL(/asset/)
    await page.getByText(/Flows where the name of the (source|destination) asset is/i).waitFor()
    await page.getByRole('link', { name: 'Assets' }).click()
    await page.getByRole('link', { name: HOSTILE }).waitFor()
    assert.equal(await page.locator('img').count(), 0)
    assert.notEqual(await page.title(), 'run')
  })
})

test('today is checked, and downloaded as a SQLite database while flows come in, of which none is lost', {
  skip: SKIP,
  timeout: 300_000,
}, async () => {
  await sendFlows(6)
  const day = new Intl.DateTimeFormat('sv', { timeZone: timezoneId }).format(Date.now())
  await inConsole(async (page) => {
    await page.getByRole('link', { name: 'Days' }).click()
    await page.getByRole('button', { name: `Check ${day}` }).click()
    await page.getByText('as the catalogue has them').waitFor()
    await page.getByRole('button', { name: 'Close' }).click()

    const kept = async () => {
      const { days } = (await (await page.request.get('api/v1/days')).json()) as { days: DaySums[] }
      return days.find((one) => one.day === day)!
    }
    async function download(): Promise<{ hits: number; bytes: number }> {
      await page.getByRole('button', { name: `Download ${day}` }).click()
      const download = page.waitForEvent('download')
      await page
        .getByRole('link', { name: /^SQLite/ })
        .and(page.locator(':visible'))
        .click()
      const path = join(scratch, 'day.sqlite3')
      await (await download).saveAs(path)
      assert.equal(integrityOf(path), 'ok')
      return dailySums(path)
    }
    const before = await kept()
    let isOver = false
    const sending = (async () => {
      while (!isOver) await sendFlows(12, undefined, 0)
    })()
    try {
      await until('flows came before and during a download', async () => (await kept()).flows > before.flows)
      const [first, during, last] = [await kept(), await download(), await kept()]
      for (const sum of ['flows', 'bytes'] as const) {
        const had = sum === 'flows' ? during.hits : during.bytes
        assert.ok(
          first[sum] <= had && had <= last[sum],
          `${had} ${sum}, of ${first[sum]} before and ${last[sum]} after`,
        )
      }
    } finally {
      isOver = true
      await sending
    }
    await until('every flow is kept', async () => (await kept()).flows >= sentToday)
    const [{ hits, bytes }, all] = [await download(), await kept()]
    assert.deepEqual([hits, bytes, hits], [all.flows, all.bytes, sentToday])
  })
})
