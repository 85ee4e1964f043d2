// `netbehave demo`: a small network that is made up, in front of the real system on a folder of its own. make the folder ▸ write the past
// into the DNS log ▸ netbehave up ▸ name the devices and holders ▸ tell past and present, until told to stop. Fails: CommandError.
import { appendFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Writable } from 'node:stream'
import { openAccess, randomPassword } from '@netbehave/access'
import { type AssetImport, IPAM_IMPORT } from '@netbehave/schema'
import { request } from '../assets.ts'
import { connectToCopy } from '../broker-client.ts'
import type { Environment } from '../environment.ts'
import { CommandError, EXIT } from '../exit-codes.ts'
import { parseHostPort } from '../listen-address.ts'
import { countOf, formatTime } from '../output/numbers.ts'
import { printable } from '../output/printable.ts'
import { findRunningCopy } from '../run-file.ts'
import { APPS_DIR, listApps } from '../up/apps.ts'
import { up } from '../up/up.ts'
import { wait } from '../up/wait.ts'
import { openAlertSink } from './alert-sink.ts'
import { writeLease } from './dnsmasq-log.ts'
import { createExporter, type Exporter } from './exporter.ts'
import { makeFolder } from './folder.ts'
import { tcpOrAny, udpOrAny } from './free-ports.ts'
import { nameHolders } from './holders.ts'
import { DEVICES } from './network.ts'
import type { DemoOptions } from './options.ts'
import { appendLookups, appendPastLookups, askedFromMs, pastHours } from './past.ts'
import { createPresent } from './present.ts'
import { keepStory, openStory, type Story } from './story.ts'

const DEFAULT_DATA_DIR = './data/demo'
const USER = 'demo'
const TICK_MS = 250
const KEEP_EVERY_MS = 10_000
const MINUTE_MS = 60_000

/** What `up` says when everything runs. */
interface ReadyLine {
  readonly collector: readonly string[]
  readonly nats: string
  readonly http: string
}

/** Runs until `environment.stop`, or for `minutes` after it is ready. */
export async function demo(options: DemoOptions, environment: Environment): Promise<void> {
  const { stderr, now } = environment
  const dataDir = resolve(options.data ?? DEFAULT_DATA_DIR)
  if (findRunningCopy(dataDir))
    throw new CommandError(
      `something runs on ${dataDir} already; stop it, or choose another folder with --data`,
      EXIT.unavailable,
    )
  const startMs = now()
  const { story, isNew } = openStory(dataDir, options.seed, options.history, startMs)
  await using sink = await openAlertSink((subject) =>
    stderr.write(`${formatTime(now())}  alert: ${printable(subject)}\n`),
  )
  const [listen, nats, http] = await Promise.all([udpOrAny(2055), tcpOrAny(4222), tcpOrAny(8055)])
  const folder = makeFolder(dataDir, { alertUrl: sink.url, historyMs: startMs - story.fromMs, listen, nats, http })
  const gap = { fromMs: isNew ? story.fromMs : Math.max(story.untilMs, startMs - options.history), toMs: startMs }
  // What was asked before the past begins names its first flows; what an earlier start wrote is in the log.
  const asked = isNew ? askedFromMs(gap.fromMs) : Math.max(story.untilMs, askedFromMs(gap.fromMs))
  const number = appendPastLookups(folder.dnsLog, story.seed, { ...gap, fromMs: asked }, 1)
  const password = await makeUser(dataDir)

  const stop = new AbortController()
  environment.stop.addEventListener('abort', () => stop.abort(), { once: true })
  if (environment.stop.aborted) stop.abort()
  const ready = Promise.withResolvers<ReadyLine | undefined>()
  const running = up(
    { data: dataDir, config: folder.config, json: true, apps: listApps(APPS_DIR) },
    { ...environment, env: ownEnvironment(environment.env), stop: stop.signal, stdout: readyReader(ready.resolve) },
  ).finally(() => {
    stop.abort()
    ready.resolve(undefined)
  })
  const told = ready.promise.then(async (line) => {
    if (line === undefined) return
    try {
      await nameAddresses(dataDir, story, environment)
      tellReady(line, password, dataDir, options, environment)
      using exporter = await createExporter(parseHostPort(line.collector[0]!)!, now)
      if (options.minutes !== undefined) void wait(options.minutes * MINUTE_MS, stop.signal).then(() => stop.abort())
      const tell = { dataDir, story, exporter, dnsLog: folder.dnsLog, environment, stop: stop.signal }
      await Promise.all([tellPresent(tell, startMs, number), tellPast({ ...tell, gap, isNew })])
    } finally {
      stop.abort()
    }
  })
  await Promise.all([running, told])
}

interface Telling {
  readonly dataDir: string
  readonly story: Story
  readonly exporter: Exporter
  readonly dnsLog: string
  readonly environment: Environment
  readonly stop: AbortSignal
}

/** The gap since the last start, then what earlier starts left of the past. */
async function tellPast({
  dataDir,
  story,
  exporter,
  environment: { stderr },
  gap,
  isNew,
  stop,
}: Telling & { readonly gap: { fromMs: number; toMs: number }; readonly isNew: boolean }): Promise<void> {
  let flows = 0
  const spans = isNew ? [gap] : [gap, { fromMs: story.fromMs, toMs: story.toldFromMs }]
  for (const [i, span] of spans.entries()) {
    if (span.toMs <= span.fromMs) continue
    for (const hour of pastHours(story.seed, span)) {
      await exporter.send(hour.flows, stop)
      if (stop.aborted) return
      flows += hour.flows.length
      if (i === spans.length - 1) story.toldFromMs = hour.fromMs
      keepStory(dataDir, story)
    }
  }
  if (flows > 0) stderr.write(`the past since ${formatTime(spans.at(-1)!.fromMs)} is told: ${countOf(flows, 'flow')}\n`)
}

async function tellPresent(
  { dataDir, story, exporter, dnsLog, environment: { now }, stop }: Telling,
  startMs: number,
  firstNumber: number,
): Promise<void> {
  const present = createPresent(story.seed, startMs, story.guests)
  let number = firstNumber
  let keptMs = 0
  while (!stop.aborted) {
    const nowMs = now()
    const { lookups, leases, flows } = present.due(nowMs)
    for (const { atMs, ip, mac, hostname } of leases) appendFileSync(dnsLog, writeLease(atMs, ip, mac, hostname))
    appendLookups(dnsLog, lookups, number)
    number += lookups.length
    if (flows.length > 0) await exporter.send(flows, stop)
    story.untilMs = nowMs
    story.guests = present.guests
    if (nowMs - keptMs >= KEEP_EVERY_MS) {
      keepStory(dataDir, story)
      keptMs = nowMs
    }
    await wait(TICK_MS, stop)
  }
  keepStory(dataDir, story)
}

/** Gives the demo's user another password at each start: only who sees this terminal gets in. */
async function makeUser(dataDir: string): Promise<string> {
  using access = openAccess(dataDir)
  const password = randomPassword()
  if (access.users.get(USER)) await access.users.setPassword(USER, password)
  else await access.users.add(USER, 'admin', password)
  return password
}

/** Devices that are known before they are seen are no news. Holders are put at each start: they are forgotten after a while. */
async function nameAddresses(dataDir: string, { fromMs }: Story, environment: Environment): Promise<void> {
  await using broker = await connectToCopy({ data: dataDir }, 'admin', environment)
  const assets: AssetImport[] = DEVICES.map(({ ip, mac, hostname, name, owner, type, tags }) => ({
    ...{ site: 'home', ip, hostname, name, owner, type, tags: [...tags], firstMs: fromMs, lastMs: fromMs },
    mac: mac.replaceAll(/(..)(?!$)/g, '$1:'),
  }))
  await request(broker, IPAM_IMPORT, { assets })
  await nameHolders(broker)
}

function tellReady(
  { http, collector, nats }: ReadyLine,
  password: string,
  dataDir: string,
  { json, data = DEFAULT_DATA_DIR, history, minutes }: DemoOptions,
  { stdout }: Environment,
): void {
  if (json) {
    stdout.write(`${JSON.stringify({ ready: true, http, collector, nats, data: dataDir, user: USER, password })}\n`)
    return
  }
  const lines = [
    'The demo runs: a small network that is made up, in front of the real system.',
    '',
    `  console   ${http}/   sign in as ${USER} with the password ${password}`,
    `  commands  netbehave tail --data ${data}`,
    '',
    history > 0 ? 'The past is being told, the newest hour first; Live shows it rush by for some minutes.' : '',
    `New devices come every few minutes, and the door camera tries the others now and then: alerts show here.`,
    minutes === undefined ? 'Ctrl-C ends it; the next start goes on.' : `It ends in ${countOf(minutes, 'minute')}.`,
  ]
  stdout.write(`${lines.filter((line, i) => line !== '' || i < 5).join('\n')}\n`)
}

/** Takes what `up` prints, which is one line of JSON. */
function readyReader(onReady: (line: ReadyLine) => void): Writable {
  return new Writable({
    decodeStrings: false,
    write(text: string | Buffer, _encoding, done) {
      onReady(JSON.parse(String(text)) as ReadyLine)
      done()
    },
  })
}

/** Settings of another copy do not reach the demo; its log is short, since Health tells the rest. */
function ownEnvironment(env: Environment['env']): Environment['env'] {
  const apps = 'UP|COLLECTOR|ENRICHER|ARCHIVER|IPAM|WHOIS|ALERTER|DNS|DNS_INGEST|SEARCH_GW|SMTP|NETBEHAVE'
  const kept = Object.entries(env).filter(([name]) => !new RegExp(`^(${apps})_`).test(name))
  return { NETBEHAVE_LOG_LEVEL: env.NETBEHAVE_LOG_LEVEL ?? 'error', ...Object.fromEntries(kept) }
}
