// What there is to see in the console: every page with a text that stands on it when its content has come, and what opens on a page:
// drawers, dialogs, menus. For a system as in full-system.ts.
import type { Page } from 'playwright-core'
import { ABSENT, DEVICE } from './full-system.ts'

export interface ConsoleState {
  /** Below the base path. */
  readonly path: string
  readonly text: RegExp
  /** What opens it, and how it is called. It is closed by Escape. */
  readonly opened?: readonly [name: string, open: (page: Page) => Promise<void>]
}

export const PAGES: readonly ConsoleState[] = [
  { path: '', text: /matched\/s/ },
  { path: '?q=dst.prt%20%3D%201', text: /did you mean/ },
  { path: 'search?from=-24h', text: /[\d,]+ flows/ },
  { path: 'search?view=top&by=dst.ip,dst.port', text: /different values/ },
  { path: 'search?view=sankey', text: /The same as a table/ },
  { path: 'search?q=dst.port%20%3D%201', text: /No flow in this span/ },
  { path: 'assets', text: new RegExp(`^${DEVICE.replaceAll('.', '\\.')}$`) },
  { path: `assets?ip=${DEVICE}`, text: /^Traffic$/ },
  { path: 'dns', text: new RegExp(ABSENT.replaceAll('.', '\\.')) },
  { path: 'rules', text: /never matches/ },
  { path: 'alerts', text: /^undelivered$/ },
  { path: 'days', text: /A day begins at midnight/ },
  { path: 'health', text: /Refreshed every 5 s/ },
  { path: 'health?exporter=127.0.0.1', text: /Observation domain/ },
  { path: 'first-run', text: /of 5 steps|Everything works/ },
  { path: 'help', text: /The documentation that came with this version/ },
  { path: 'help/routers#juniper-inline-ipfix', text: /show services accounting flow inline-jflow/ },
  { path: 'account', text: /Change the password/ },
  { path: 'nowhere', text: /There is no such page/ },
]

const pressing = (name: RegExp | string) => async (page: Page) => {
  await page.getByRole('button', { name }).first().click()
}

export const OPENED: readonly ConsoleState[] = [
  {
    path: 'search?from=-24h',
    text: /Where it was seen/,
    opened: ['a flow', (page) => page.locator('.flow-scroller [role=row] .c-time').first().click()],
  },
  {
    path: 'search?from=-24h',
    text: /a bare word: names/,
    opened: ['the filter in short', pressing('How to write a filter')],
  },
  {
    path: 'search?from=-24h',
    text: /^protocol/,
    opened: [
      'completions',
      async (page) => {
        await page.getByRole('combobox', { name: 'Filter' }).fill('proto')
        await page.getByRole('option', { name: /^protocol\b/ }).waitFor()
      },
    ],
  },
  { path: `assets?ip=${DEVICE}`, text: /Tags, parted by commas/, opened: ['edit', pressing('Edit')] },
  { path: `assets?ip=${DEVICE}`, text: /Its flows stay/, opened: ['forget', pressing('Forget')] },
  { path: 'days', text: /are as the catalogue has them/, opened: ['check', pressing(/^Check /)] },
  {
    path: 'days',
    text: /are removed for good/,
    opened: ['prune', (page) => page.getByRole('button', { name: /^Prune /, disabled: false }).click()],
  },
  { path: 'days', text: /for a spreadsheet/, opened: ['download', pressing(/^Download /)] },
  {
    path: 'rules',
    text: /would have named/,
    opened: [
      'a rule that is tried',
      async (page) => {
        await page.getByText('Try a rule').click()
        await page.getByRole('button', { name: 'Test against' }).click()
      },
    ],
  },
  {
    path: 'account',
    text: /Shown only now/,
    opened: [
      'a token that was made',
      async (page) => {
        await page.getByLabel('Name of the token').fill('metrics of the house')
        await page.getByRole('button', { name: 'Make a token' }).click()
      },
    ],
  },
]

/** Goes to a page as a link of the console does: nothing is loaded anew. */
export async function goTo(page: Page, path: string): Promise<void> {
  const address = `new URL(${JSON.stringify(path === '' ? './' : path)}, document.baseURI)`
  await page.evaluate(`history.pushState(null, '', ${address}); dispatchEvent(new PopStateEvent('popstate'))`)
}

/** Goes to a state of the console and waits until its text is in sight. */
export async function show(page: Page, { path, text, opened }: ConsoleState): Promise<void> {
  await goTo(page, path)
  await opened?.[1](page)
  await page.locator('main, dialog').getByText(text).and(page.locator(':visible')).first().waitFor()
}
