// How long a person waits for the Search page over a day of 10 million flows, in a real Chromium: first rows, chart, top 25; how long the
// page cannot be used meanwhile; how soon a question that was given up is. The gateway is a process of its own, as in a container.
// node bench/console.bench.ts [--flows 10000000] [--keep FOLDER]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { cpuSeconds, median, printResult, startNode, until } from '@netbehave/bench'
import { startTestBroker } from '@netbehave/broker/testing'
import { openHistory } from '@netbehave/history'
import { generateDay } from '@netbehave/history/testing'
import { launchBrowser, openConsole, signIn } from '../src/browser.ts'
import { runNetbehave } from '../src/run-netbehave.ts'

const { values } = parseArgs({ options: { flows: { type: 'string', default: '10000000' }, keep: { type: 'string' } } })
const RUNS = 5
const HOUR_MS = 3_600_000
const GATEWAY = fileURLToPath(new URL('../../search-gw/src/main.ts', import.meta.url))
const STOP = 'button.stop'
/** Resting: less than a tenth of a CPU for so long. */
const REST_MS = 300
const REST_SHARE = 0.1
const GIVE_UP_MS = 60_000
const ROW = '.flow-scroller [role=row]'

const dataDir = values.keep ?? mkdtempSync(join(tmpdir(), 'netbehave-console-bench-'))
if ((await daysOf(dataDir)).length === 0) await generateDay(dataDir, Number(values.flows))
// As the Days page links to a day: from the start of its first flow to the end of its last.
const [{ firstMs, lastMs } = { firstMs: 0, lastMs: 0 }] = await daysOf(dataDir)
const WHOLE_DAY = spanText(firstMs, lastMs + 1)
const HALF_DAY = spanText(firstMs + 6 * HOUR_MS, firstMs + 18 * HOUR_MS)
await using broker = await startTestBroker()
const env = { ...process.env, NETBEHAVE_BROKER_URL: broker.url, NETBEHAVE_DATA_DIR: dataDir }
await using gateway = startNode(GATEWAY, ['--listen', '127.0.0.1:0'], { env })
const { http } = JSON.parse(await gateway.line((line) => line.includes('"msg":"ready"'), 'stderr')) as { http: string }
const { stdout } = await runNetbehave(['users', 'passwd', 'admin', '--data', dataDir], { cwd: dataDir })
const account = { user: 'admin', password: /password: (\S+)/.exec(stdout)?.[1] ?? '' }
const browser = await launchBrowser()
const opened = await openConsole(browser, `${http}/`)
const { page } = opened
await signIn(page, account)

const search = (q: string, span = WHOLE_DAY) => `search?${new URLSearchParams({ q })}&${span}`
await measure('Search, first rows of the whole day', 300, () => openPage(search(''), ROW))
await measure('Search, first rows of one address', 300, () => openPage(search('ip = 192.168.1.7'), ROW))
await measure('Search, first rows of a name in part', 300, () => openPage(search('dst.name ~ cdn-55'), ROW))
await measure('Search, first rows of half the day', 300, () => openPage(search('', HALF_DAY), ROW))
await measure('Search, chart of the whole day', 1000, () => openPage(search(''), '.chart canvas'))
for (const field of ['src.ip', 'dst.name', 'service'])
  await measure(`Search, top 25 of the whole day by ${field}`, 500, () =>
    openPage(`${search('')}&by=${field}`, '.top-table tbody tr'),
  )
await responsiveness()
await cancel()
await browser.close()
await gateway[Symbol.asyncDispose]()
if (values.keep === undefined) rmSync(dataDir, { recursive: true })
if (opened.errors.length > 0) throw new Error(opened.errors.join('\n'))

async function daysOf(folder: string) {
  await using history = openHistory({ dataDir: folder })
  return history.days()
}

function spanText(fromMs: number, toMs: number): string {
  return String(new URLSearchParams({ from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() }))
}

/** The median of some runs, after one that warms. */
async function measure(name: string, bar: number, run: () => Promise<number>): Promise<void> {
  await run()
  const runs: number[] = []
  const before = cpuSeconds(gateway.pid)
  for (let i = 0; i < RUNS; i++) runs.push(Math.round(await run()))
  await untilIdle()
  const cpuMs = Math.round(((cpuSeconds(gateway.pid) - before) * 1000) / RUNS)
  const notes = { flows: Number(values.flows), 'gateway CPU, whole page, ms': cpuMs }
  printResult({ bench: 'console', case: name, value: median(runs), unit: 'ms', bar, better: 'less', runs, notes })
}

/** From another page of the console: ms from the step to this address until the selector is there, by the page's own clock. */
async function openPage(path: string, selector: string): Promise<number> {
  await leave()
  return (await step(path, selector)).tookMs
}

async function leave(): Promise<void> {
  await page.getByRole('link', { name: 'Days' }).click()
  await page.getByText('A day begins at midnight').waitFor()
  await untilIdle()
}

/** Goes to an address within the console as a link does, and looks at every frame until the selector is there. */
function step(path: string, selector: string): Promise<{ tookMs: number; longestFrameMs: number }> {
  return page.evaluate(`(async () => {
    const begunMs = performance.now()
    history.pushState(null, '', new URL(${JSON.stringify(path)}, document.baseURI))
    dispatchEvent(new PopStateEvent('popstate'))
    let [frameMs, longestFrameMs] = [begunMs, 0]
    while (!document.querySelector(${JSON.stringify(selector)})) {
      await new Promise(requestAnimationFrame)
      longestFrameMs = Math.max(longestFrameMs, performance.now() - frameMs)
      frameMs = performance.now()
      if (frameMs - begunMs > ${GIVE_UP_MS}) throw new Error('nothing came')
    }
    return { tookMs: performance.now() - begunMs, longestFrameMs }
  })()`)
}

/** How long the page stands still while it opens and its questions are worked on. */
async function responsiveness(): Promise<void> {
  const runs: number[] = []
  for (let i = 0; i < RUNS; i++) {
    await leave()
    runs.push(Math.round((await step(`${search('')}&view=top&by=src.ip`, '.search-bar .stat-line b')).longestFrameMs))
  }
  const name = 'Search, longest stand-still of the page while it opens'
  printResult({ bench: 'console', case: name, value: Math.max(...runs), unit: 'ms', bar: 200, better: 'less', runs })
}

/** From the click on Stop until the gateway works on nothing any more. */
async function cancel(): Promise<void> {
  const runs: number[] = []
  for (let i = 0; i < RUNS; i++) {
    await leave()
    const before = cpuSeconds(gateway.pid)
    await step(`${search(`src.name ~ device-${i} or dst.name ~ host-${i}`)}&by=src.ip,dst.ip`, STOP)
    await until('the gateway works on it', () => cpuSeconds(gateway.pid) - before > 0.1)
    const clickedMs = performance.now()
    await page.locator(STOP).click()
    await page.getByText('The question was given up').first().waitFor()
    const idleMs = await untilIdle()
    runs.push(Math.max(0, Math.round(idleMs - clickedMs)))
  }
  const name = 'Search, from Stop until the gateway rests'
  printResult({ bench: 'console', case: name, value: median(runs), unit: 'ms', bar: 500, better: 'less', runs })
}

/** Waits until the gateway used no CPU for a while; when it used the last, by performance.now(). */
async function untilIdle(): Promise<number> {
  let [used, atMs] = [cpuSeconds(gateway.pid), performance.now()]
  await until('the gateway rests', () => {
    const now = cpuSeconds(gateway.pid)
    if (now - used > REST_SHARE * ((performance.now() - atMs) / 1000)) [used, atMs] = [now, performance.now()]
    return performance.now() - atMs > REST_MS
  })
  return atMs
}
