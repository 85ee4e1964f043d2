// The pictures of the README: starts `netbehave demo`, signs in with Chromium, and writes docs/images/*.png.
//   node scripts/screenshots.mjs [--ready FILE] [--only NAME,NAME] [--to FOLDER]
// FILE has the ready line of a demo that runs already (`netbehave demo --json`). Needs Chromium (Debian: chromium) and a built console.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'
import UPNG from 'upng-js'

const ROOT = join(import.meta.dirname, '..')
const CHROMIUM = '/usr/bin/chromium'
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update']
const SIZE = { width: 1280, height: 760 }
const LARGEST_BYTES = 150_000
/** Colours of a picture: enough for text on two grounds. */
const COLOURS = 256
const PATIENCE_MS = 600_000

/**
 * @typedef {{ name: string, path: string, theme: 'light' | 'dark', shows: RegExp, rows?: number }} Shot a picture: `shows` is a text that
 *   stands there when the page is complete, `rows` how many flows are listed at least
 * @typedef {{ http: string, user: string, password: string }} Ready the ready line of a demo
 */

/** @type {readonly Shot[]} */
const SHOTS = [
  { name: 'live', path: './?q=not%20port%20%3D%2053', theme: 'light', shows: /matched\/s/, rows: 20 },
  {
    name: 'search-dark',
    path: 'search?from=-24h&q=src.net%20%3D%20home',
    theme: 'dark',
    shows: /[\d,]+ flows/,
    rows: 10,
  },
  { name: 'assets', path: 'assets', theme: 'light', shows: /door camera/ },
  { name: 'alerts-dark', path: 'alerts', theme: 'dark', shows: /port scan inside/ },
]

const { values } = parseArgs({
  options: {
    ready: { type: 'string' },
    only: { type: 'string' },
    to: { type: 'string', default: join(ROOT, 'docs', 'images') },
  },
})
const wanted = values.only?.split(',')
const shots = SHOTS.filter(({ name }) => wanted === undefined || wanted.includes(name))
const demo =
  values.ready === undefined ? await startDemo() : { ready: JSON.parse(readFileSync(values.ready, 'utf8')), stop() {} }
try {
  await takeAll(demo.ready, shots, values.to)
} finally {
  await demo.stop()
}

/** A demo of two days, once its past is told and a scan was seen. */
async function startDemo() {
  const folder = mkdtempSync(join(tmpdir(), 'netbehave-screenshots-'))
  const args = ['demo', '--data', join(folder, 'data'), '--history', '2d', '--json']
  const child = spawn(join(ROOT, 'netbehave'), args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const late = setTimeout(() => child.kill('SIGTERM'), PATIENCE_MS)
  let errors = ''
  const past = new Promise((resolve) => {
    createInterface(child.stderr).on('line', (line) => {
      errors += `${line}\n`
      if (/ is told: /.test(line)) resolve(true)
    })
  })
  const [line] = await Promise.race([
    new Promise((resolve) => createInterface(child.stdout).once('line', (text) => resolve([text]))),
    ended.then(() => [undefined]),
  ])
  if (line === undefined) throw new Error(`the demo ended before it was ready: ${errors}`)
  if (!(await Promise.race([past, ended.then(() => false)])))
    throw new Error(`the demo ended before its past was told: ${errors}`)
  clearTimeout(late)
  return {
    ready: JSON.parse(line),
    async stop() {
      child.kill('SIGINT')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** @param {Ready} ready @param {readonly Shot[]} list @param {string} folder */
async function takeAll({ http, user, password }, list, folder) {
  mkdirSync(folder, { recursive: true })
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS })
  try {
    for (const theme of /** @type {const} */ (['light', 'dark'])) {
      const context = await browser.newContext({
        baseURL: `${http}/`,
        viewport: SIZE,
        colorScheme: theme,
        reducedMotion: 'reduce',
      })
      const page = await context.newPage()
      await page.goto('./')
      await page.getByLabel('User').fill(user)
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('navigation', { name: 'Pages' }).waitFor()
      for (const shot of list.filter((one) => one.theme === theme)) await take(page, shot, folder)
      await context.close()
    }
  } finally {
    await browser.close()
  }
}

/** @param {import('playwright-core').Page} page @param {Shot} shot @param {string} folder */
async function take(page, { name, path, shows, rows = 0 }, folder) {
  await page.goto(path)
  await page.locator('main').getByText(shows).first().waitFor({ timeout: 60_000 })
  if (rows > 0) await page.locator('.flow-scroller [role=row]').nth(rows).waitFor({ timeout: 60_000 })
  await page.waitForLoadState('networkidle', { timeout: 5_000 }).catch(() => {}) // Live never rests
  const png = shrink(await page.screenshot())
  if (png.length > LARGEST_BYTES) throw new Error(`${name}.png has ${png.length} bytes, more than ${LARGEST_BYTES}`)
  writeFileSync(join(folder, `${name}.png`), png)
  process.stdout.write(`${name}.png ${png.length} bytes\n`)
}

/**
 * The same picture in a palette of 256 colours.
 * @param {Buffer} png
 */
function shrink(png) {
  const image = UPNG.decode(new Uint8Array(png).buffer)
  return Buffer.from(UPNG.encode(UPNG.toRGBA8(image), image.width, image.height, COLOURS))
}
