// Every page of the console with something on it, and every drawer, dialog and menu: no accessibility violation that axe knows, light, dark
// and 390 px wide, and nothing that is cut there; what each role is offered and what it is told instead; the keyboard alone. The system is
// served below a sub-path.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '@netbehave/bench'
import type { Browser, Locator, Page } from 'playwright-core'
import { violations } from '../src/axe.ts'
import { type Account, launchBrowser, openConsole, signIn, takeAccount } from '../src/browser.ts'
import { type ConsoleState, OPENED, PAGES, show } from '../src/console-states.ts'
import { mixedConversations } from '../src/conversations.ts'
import { DEVICE, type FullSystem, startFullSystem } from '../src/full-system.ts'
import { missingProgram } from '../src/programs.ts'
import { runSoftflowd } from '../src/softflowd.ts'
import type { System } from '../src/system.ts'

const SKIP = missingProgram('chromium') || missingProgram('softflowd')
const BASE_PATH = '/net/behave'
/** Numbers of conversations that the system has not seen. */
const NEW_CONVERSATIONS = 120

/** Of the second only the colours differ from the first. */
const LOOKS = [
  ['light', 'light', 1280, undefined],
  ['dark', 'dark', 1280, ['color-contrast', 'link-in-text-block']],
  ['390 px', 'light', 390, undefined],
] as const

let full: FullSystem
let system: System
let browser: Browser
let account: Account
let base: string

before(async () => {
  if (SKIP) return
  // A test presses more at once than a person does.
  full = await startFullSystem({ SEARCH_GW_BASE_PATH: BASE_PATH, SEARCH_GW_QUERIES_WAITING: '1000' })
  system = full.system
  base = `${system.ready.http.replace(/\/$/, '').replace(BASE_PATH, '')}${BASE_PATH}/`
  ;[browser, account] = await Promise.all([launchBrowser(), takeAccount(system)])
})
after(async () => {
  await browser?.close()
  await full?.[Symbol.asyncDispose]()
})

const sendFlows = () =>
  runSoftflowd(
    mixedConversations({ startMs: Date.now() - 20_000, count: 6, firstNumber: NEW_CONVERSATIONS }),
    10,
    system.collector,
  )

/** Buttons and fields that their box or the window cuts at a side, by name. */
const CUT = `[...document.querySelectorAll('main :is(button, input, select, textarea), dialog :is(button, input, textarea)')]
  .filter((control) => {
    const { left, right } = control.getBoundingClientRect()
    if (!control.checkVisibility({ contentVisibilityAuto: true })) return false
    let [from, to] = [0, innerWidth]
    for (let box = control.parentElement; box; box = box.parentElement) {
      if (getComputedStyle(box).overflowX === 'visible') continue
      const around = box.getBoundingClientRect()
      ;[from, to] = [Math.max(from, around.left), Math.min(to, around.right)]
    }
    return left < from - 1 || right > to + 1
  })
  .map((control) => control.ariaLabel || control.textContent || control.name)`

/** What is wrong with what is shown, in each look, one line each. */
async function faults(page: Page, where: string): Promise<string[]> {
  const found: string[] = []
  for (const [look, colorScheme, width, rules] of LOOKS) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.setViewportSize({ width, height: 800 })
    const wider = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
    if (wider > 0) found.push(`${where}, ${look}: ${wider} px wider than the window`)
    found.push(...(await page.evaluate<string[]>(CUT)).map((name) => `${where}, ${look}: "${name}" is cut`))
    found.push(...(await violations(page, rules)).map((line) => `${where}, ${look}: ${line}`))
  }
  await page.setViewportSize({ width: 1280, height: 800 })
  return found
}

const OPTIONS = { skip: SKIP, timeout: 600_000 }

test(
  'every page that has something to show, light, dark and at 390 px: axe finds nothing, nothing is cut, no request fails',
  OPTIONS,
  async () => {
    await using opened = await openConsole(browser, base, { timezoneId: full.timezoneId })
    const { page, errors } = opened
    await page.goto('./')
    await page.getByLabel('User').waitFor()
    const found = await faults(page, 'sign in')
    await signIn(page, account)
    for (const state of PAGES) {
      await show(page, state)
      found.push(...(await faults(page, state.path)))
    }
    assert.deepEqual([found, errors], [[], []])
  },
)

test('every drawer, dialog and menu: axe finds nothing in it, nothing is cut', OPTIONS, async () => {
  await using opened = await openConsole(browser, base, { timezoneId: full.timezoneId })
  const { page, errors } = opened
  await signIn(page, account)
  await page.getByText('matched/s').waitFor()
  const liveFlow: ConsoleState = {
    path: '',
    text: /Where it was seen/,
    opened: [
      'a live flow',
      async () => {
        await sendFlows()
        await page.locator('.flow-scroller [role=row] .c-time').first().click()
      },
    ],
  }
  const found: string[] = []
  for (const state of [liveFlow, ...OPENED]) {
    await show(page, state)
    found.push(...(await faults(page, `${state.path}, ${state.opened?.[0]}`)))
    await page.keyboard.press('Escape')
  }
  await page.setViewportSize({ width: 390, height: 800 })
  await page.getByRole('button', { name: 'Menu' }).click()
  await page.getByRole('link', { name: 'Health' }).waitFor()
  found.push(...(await violations(page)).map((line) => `menu, 390 px: ${line}`))
  assert.deepEqual([found, errors], [[], []])
})

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

/** What a role is told where others have buttons, by page. */
const TOLD = {
  viewer: [
    [`assets?ip=${DEVICE}`, 'To edit or forget an asset is for operators; your role is viewer.'],
    ['alerts', 'To test a channel, to mute and to send again is for operators; your role is viewer.'],
    ['days', 'To check a day is for operators, to remove one for admins; your role is viewer.'],
    ['account', 'To add users and to give roles is for admins; your role is viewer.'],
  ],
  operator: [
    ['days', 'To remove a day is for admins; your role is operator.'],
    ['account', 'To add users and to give roles is for admins; your role is operator.'],
  ],
} as const

/** By the first word: what a test of the others would miss if buttons were not found. */
const OFFERED = {
  viewer: ['Pause', 'Refresh', 'Download'],
  operator: ['Edit', 'Forget', 'Test', 'Unmute', 'Check'],
} as const

for (const role of ['viewer', 'operator'] as const) {
  test(`as ${role} every button on every page does what it says, and what is for others is told`, OPTIONS, async () => {
    const { stdout } = await system.run('users', 'add', `a-${role}`, '--role', role)
    const password = /password (\S+)/.exec(stdout)?.[1] ?? ''
    await using opened = await openConsole(browser, base, { timezoneId: full.timezoneId })
    const { page, errors } = opened
    const refused: string[] = []
    const pressed = new Set<string>()
    page.on('response', (answer) => {
      if (answer.status() >= 400) refused.push(`${answer.status()} ${answer.request().method()} ${answer.url()}`)
    })
    await signIn(page, { user: `a-${role}`, password })
    refused.length = 0 // before it nobody was signed in, which is asked and denied
    for (const state of PAGES) {
      await show(page, state)
      for (const kind of await page.evaluate<string[]>(PRESS_EACH)) pressed.add(kind)
    }
    for (const kind of OFFERED[role]) assert.ok(pressed.has(kind), `a button "${kind} …" is offered`)
    for (const [path, text] of TOLD[role]) await show(page, { path, text: new RegExp(text.replaceAll('.', '\\.')) })
    await page.waitForLoadState('networkidle')
    assert.deepEqual([refused, errors], [[], []])
  })
}

/** Presses what stands on a page, each kind of button once (`Unmute 192.168.1.99` is of the kind `Unmute`), and closes what opens. */
const PRESS_EACH = `(async () => {
  const kinds = new Map()
  for (const button of document.querySelectorAll('main button:enabled')) {
    const kind = (button.ariaLabel || button.textContent).trim().split(/[ :]/)[0]
    if (button.checkVisibility() && kind !== 'Stop' && !kinds.has(kind)) kinds.set(kind, button)
  }
  for (const button of kinds.values()) {
    button.click()
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
    document.querySelector('dialog[open] [aria-label=Close]')?.click()
  }
  return [...kinds.keys()]
})()`

test('a role that is taken away meanwhile is told as that, with what to do', OPTIONS, async () => {
  const { stdout } = await system.run('users', 'add', 'olga', '--role', 'operator')
  const password = /password (\S+)/.exec(stdout)?.[1] ?? ''
  await using opened = await openConsole(browser, base)
  const { page } = opened
  await signIn(page, { user: 'olga', password }, `assets?ip=${DEVICE}`)
  await page.getByRole('button', { name: 'Edit' }).click()
  const changed = await fetch(`${base}api/v1/users/olga`, {
    method: 'PATCH',
    headers: {
      authorization: `Basic ${btoa(`${account.user}:${account.password}`)}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ role: 'viewer' }),
  })
  assert.equal(changed.status, 200)
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText(/No permission.*you are viewer; an admin can give you another, under Account/).waitFor()
})

test(
  'the keyboard alone: sign in, a live flow, a search by a completion, an asset, sign out; the focus is seen and comes back',
  OPTIONS,
  async () => {
    await using opened = await openConsole(browser, base, { timezoneId: full.timezoneId })
    const { page } = opened
    const { keyboard } = page
    const focused = page.locator(':focus')
    /** Presses Tab until the focus is on it; wherever it stops on the way, it is in sight. */
    const tabTo = (what: Locator, key = 'Tab') =>
      until(`${key} comes to ${what}`, async () => {
        await keyboard.press(key)
        if ((await focused.count()) === 0) return false
        assert.equal(await page.evaluate<string>(UNSEEN), '')
        return (await what.and(focused).count()) === 1
      })
    await page.goto('./')
    await page.getByLabel('User').waitFor()
    await tabTo(page.getByLabel('User'))
    await keyboard.type(account.user)
    await tabTo(page.getByLabel('Password'))
    await keyboard.type(account.password)
    await keyboard.press('Enter')

    const grid = page.getByRole('grid')
    const drawer = page.getByRole('dialog')
    const openFirst = async () => {
      await tabTo(grid)
      await keyboard.press('Home')
      await keyboard.press('Enter')
      await drawer.getByText('Where it was seen').waitFor()
      await tabTo(drawer.getByRole('link', { name: 'History of this pair' }))
      await keyboard.press('Escape')
      await drawer.waitFor({ state: 'detached' })
      await grid.and(focused).waitFor()
    }
    await page.getByText('matched/s').waitFor()
    await sendFlows()
    await grid.getByRole('row').first().waitFor()
    await openFirst()

    const menu = page.getByRole('navigation', { name: 'Pages' })
    await tabTo(menu.getByRole('link', { name: 'Search' }), 'Shift+Tab')
    await keyboard.press('Enter')
    const filter = page.getByRole('combobox', { name: 'Filter' })
    await page.waitForURL(/search/)
    await tabTo(filter)
    await keyboard.type('proto')
    const option = page.getByRole('option', { name: /^protocol\b/ })
    await option.waitFor()
    await until('the option is chosen', async () => {
      await keyboard.press('ArrowDown')
      return (await option.getAttribute('aria-selected')) === 'true'
    })
    assert.equal(await filter.getAttribute('aria-activedescendant'), await option.getAttribute('id'))
    await keyboard.press('Enter')
    assert.equal(await filter.inputValue(), 'protocol ')
    await keyboard.type('= TCP')
    await keyboard.press('Escape')
    await keyboard.press('Enter')
    await page.waitForURL(/TCP/)
    await grid.getByRole('row').first().waitFor()
    await openFirst()

    await tabTo(menu.getByRole('link', { name: 'Assets' }), 'Shift+Tab')
    await keyboard.press('Enter')
    await tabTo(page.getByRole('row').getByRole('link', { name: DEVICE, exact: true }))
    await keyboard.press('Enter')
    const edit = page.getByRole('button', { name: 'Edit' })
    await edit.waitFor()
    await tabTo(edit)
    await keyboard.press('Enter')
    await tabTo(drawer.getByLabel('Owner'))
    await keyboard.type('Kay')
    await keyboard.press('Enter')
    await drawer.waitFor({ state: 'detached' })
    await page.getByText(/^Kay/).waitFor()
    await edit.and(focused).waitFor()

    await tabTo(menu.getByRole('button', { name: 'Sign out' }), 'Shift+Tab')
    await keyboard.press('Enter')
    await page.getByLabel('User').waitFor()
    assert.deepEqual(opened.errors, [])
  },
)

/** Which element has the focus without it being seen: no ring, or not in the window. Empty: it is seen. */
const UNSEEN = `(() => {
  const element = document.activeElement
  if (element.id === 'main') return '' // a page that has just come begins there: no stop of the Tab key
  // The line around the filter has the ring of its field.
  const ringed = element.matches('.filter-input') ? element.closest('.filter-line') : element
  const { outlineStyle, boxShadow } = getComputedStyle(ringed)
  const { left, right, top, bottom } = element.getBoundingClientRect()
  const isInWindow = right > 0 && bottom > 0 && left < innerWidth && top < innerHeight
  const hasRing = outlineStyle !== 'none' || boxShadow !== 'none'
  return isInWindow && hasRing ? '' : element.outerHTML.slice(0, 120)
})()`

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
