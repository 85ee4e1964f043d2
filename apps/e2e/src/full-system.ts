// A system in which every page of the console has something to show: flows of today and of a day that is over, told by softflowd; names
// from a log as dnsmasq writes it; two rules that tell, one by a webhook, the other by an ntfy server
// that is not there.
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startWebhook, until } from '@netbehave/bench'
import { mixedConversations } from './conversations.ts'
import { ROOT } from './programs.ts'
import { runSoftflowd, softflowdFlows } from './softflowd.ts'
import { type System, startSystem } from './system.ts'
import { zoneWhereItIs } from './time-zone.ts'

/** A device of `mixedConversations`; it asked for NAME. */
export const DEVICE = '192.168.1.10'
export const NAME = 'www.example.org'
/** A name that there is not. */
export const ABSENT = 'printer.example.org'

/** Packets of so long ago were seen on the day before, in the zone of the system. */
const EARLIER_MS = 20 * 3_600_000
const NOON = 12
/** The port of "discard" (RFC 863): no HTTP client opens a connection to it (Fetch standard, "bad port"). */
const NOBODY = 'http://127.0.0.1:9'
const CONVERSATIONS = 40
const SHIPPED_RULES = join(ROOT, 'apps', 'enricher', 'rules.yaml')
const OWN_RULES = `
- name: asks a name server outside
  match: dst.ip = 203.0.113.53 and dst.port = 53
  alert: [webhook]
- name: pings outside
  match: protocol = ICMP and dst.port = 2048 and dst.ip = 198.51.100.0/24
  alert: [ntfy]
  severity: critical
- name: never seen
  match: protocol = ICMP and dst.port = 2048 and dst.ip = 198.51.100.7
`

export interface FullSystem extends AsyncDisposable {
  readonly system: System
  /** Where it is noon: the zone of the system. */
  readonly timezoneId: string
}

/** Ready when the services tell of all of it. `env`: more settings. */
export async function startFullSystem(env: Readonly<Record<string, string>> = {}): Promise<FullSystem> {
  const nowMs = Date.now()
  const timezoneId = zoneWhereItIs(NOON, nowMs)
  await using undo = new AsyncDisposableStack()
  const dir = await mkdtemp(join(tmpdir(), 'netbehave-full-'))
  undo.defer(() => rm(dir, { recursive: true, force: true }))
  const [dnsLog, rules] = [join(dir, 'dnsmasq.log'), join(dir, 'rules.yaml')]
  await Promise.all([writeFile(dnsLog, ''), writeFile(rules, OWN_RULES)])
  const webhook = undo.use(await startWebhook())
  const system = undo.use(
    await startSystem({
      env: {
        ENRICHER_LOOK_UP_WAIT_MS: '1000',
        TZ: timezoneId,
        ARCHIVER_FLUSH_INTERVAL_MS: '300',
        ENRICHER_SIGHT_INTERVAL_MS: '1000',
        ENRICHER_RULES: `${rules},${SHIPPED_RULES}`,
        DNS_INGEST_LOGS: `dnsmasq:${dnsLog}`,
        ALERTER_NTFY_SERVER: NOBODY,
        ALERTER_NTFY_TOPIC: 'in-vain',
        ALERTER_GATHER_MS: '0',
        ALERTER_GIVE_UP_MS: '1000',
        ALERTER_MAX_RETRY_MS: '500',
        ALERTER_WEBHOOK_URL: webhook.url,
        ...env,
      },
    }),
  )
  await appendFile(dnsLog, dnsmasqLines(nowMs, timezoneId))
  const says = (what: string, command: readonly string[], isThere: (text: string) => boolean) =>
    until(what, async () => isThere((await system.run(...command, '-o', 'json')).stdout))
  await says('the names are known', ['dns', 'ls'], (text) => text.includes(NAME) && text.includes(ABSENT))

  const starts = [nowMs - EARLIER_MS, Date.now() - 60_000]
  const packets = starts.flatMap((startMs, i) =>
    mixedConversations({ startMs, count: CONVERSATIONS, firstNumber: i * CONVERSATIONS }),
  )
  await runSoftflowd(packets, 10, system.collector)
  await Promise.all([
    system.untilFlows(softflowdFlows(packets, 10).length),
    says('the device is an asset', ['assets', 'ls'], (text) => text.includes(`"${DEVICE}"`)),
    says('one alert is sent', ['alerts', 'ls'], (text) => /"state": ?"sent"/.test(text)),
    says('another is given up', ['alerts', 'ls'], (text) => /"state": ?"undelivered"/.test(text)),
  ])
  const mute = await system.run('alerts', 'mute', 'asset', '192.168.1.99')
  if (mute.code !== 0) throw new Error(`alerts mute: ${mute.stderr}`)

  const kept = undo.move()
  return { system, timezoneId, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

/** Questions and answers as dnsmasq 2.90 logs them (`log-queries`), with its stamp in local time. */
function dnsmasqLines(nowMs: number, timeZone: string): string {
  const part = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-GB', { timeZone, ...options }).format(nowMs)
  const stamp = `${part({ month: 'short' })} ${part({ day: 'numeric' }).padStart(2)} ${part({ timeStyle: 'medium' })}`
  return [
    `query[A] ${NAME} from ${DEVICE}`,
    `forwarded ${NAME} to 203.0.113.53`,
    `reply ${NAME} is 198.51.100.1`,
    `query[AAAA] ${ABSENT} from ${DEVICE}`,
    `config ${ABSENT} is NXDOMAIN`,
  ]
    .map((line) => `${stamp} dnsmasq[812]: ${line}\n`)
    .join('')
}
