// A real Chromium with an empty profile, and the console in it. In: a system or its address, a user. Out: pages that are
// signed in. What a page logs as an error, and what its CSP refused, is kept: a test asks that there is nothing.
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import type { System } from './system.ts'

const EXECUTABLE = '/usr/bin/chromium'
/** web.md, "Tests". */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]
const WAIT_MS = 60_000

export interface Account {
  readonly user: string
  readonly password: string
}

export interface ConsolePage extends AsyncDisposable {
  readonly page: Page
  /** Errors of the page: of its code, of its CSP, of answers that were none. */
  readonly errors: string[]
}

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: EXECUTABLE, args: FLAGS })
}

/** Gives a user of a running system a password of our own choice (made by the program, read from what it prints). */
export async function takeAccount(system: System, user = 'admin'): Promise<Account> {
  const { stdout, stderr } = await system.run('users', 'passwd', user)
  const password = /password: (\S+)/.exec(stdout)?.[1]
  if (password === undefined) throw new Error(`users passwd printed no password: ${stdout}${stderr}`)
  return { user, password }
}

/** A window of its own; errors of the sign-in question (401: nobody is signed in yet) are none. */
export async function openConsole(
  browser: Browser,
  baseURL: string,
  options: BrowserContextOptions = {},
): Promise<ConsolePage> {
  const context: BrowserContext = await browser.newContext({
    baseURL,
    viewport: { width: 1280, height: 800 },
    acceptDownloads: true,
    ...options,
  })
  context.setDefaultTimeout(WAIT_MS)
  const page = await context.newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.stack ?? error.message))
  page.on('console', (message) => {
    const isSignInQuestion = /\/api\/v1\/session$/.test(message.location().url) && message.text().includes('401')
    if (message.type() === 'error' && !isSignInQuestion) errors.push(`${message.text()} ${message.location().url}`)
  })
  return { page, errors, [Symbol.asyncDispose]: () => context.close() }
}

export async function signIn(page: Page, { user, password }: Account, path = './'): Promise<void> {
  await page.goto(path)
  await page.getByLabel('User').fill(user)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  // On a narrow window the pages are behind a button.
  const pages = page.getByRole('navigation', { name: 'Pages' }).or(page.getByRole('button', { name: 'Menu' }))
  await pages.first().waitFor()
}
