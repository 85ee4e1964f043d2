// The demo's folder: configuration and rules for everything that runs in it. In: where the DNS log is and who takes alerts.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { CommandError, describeSystemError, writeExitCode } from '../exit-codes.ts'
import { GUEST, HOME } from './network.ts'

const SHIPPED_RULES = fileURLToPath(new URL('../../../enricher/rules.yaml', import.meta.url))
const DAY_MS = 86_400_000

export interface DemoFolder {
  readonly config: string
  readonly dnsLog: string
}

export interface FolderSettings {
  readonly alertUrl: string
  /** Flows of so long ago are filed under their own day. */
  readonly historyMs: number
  readonly listen: string
  readonly nats: string
  readonly http: string
}

const RULES = [
  {
    name: 'port scan inside',
    match: 'src.net = home, dst.net = home, protocol = TCP, flags = SYN, packets <= 2',
    alert: ['webhook'],
    severity: 'critical',
    note: 'A device tries the doors of the others. Look at it, and take it off the network until you know why.',
  },
  { name: 'refused inside', match: 'src.net = home, dst.net = home, protocol = TCP, flags = RST+ACK, packets <= 2' },
  { name: 'door camera to its maker', match: 'asset = "door camera" and name = cam.cloud.example' },
  { name: 'door camera to the recorder', match: 'asset = "door camera" and port = 554' },
  { name: 'backup', match: 'name = backup.cloud.example' },
  { name: 'work', match: 'name = *.company.example' },
  { name: 'video', match: 'name = video.stream.example' },
  { name: 'music', match: 'name = music.stream.example' },
  { name: 'games', match: 'name = *.game.example' },
  { name: 'system updates', match: 'name = updates.os.example' },
  { name: 'heating', match: 'name = iot.heat.example' },
  {
    name: 'television tells its maker',
    match: 'name = telemetry.tv.example',
    note: 'Switch it off in the menu of the TV.',
  },
  { name: 'guests', match: 'net = guest, not port = 53' },
  {
    name: 'guest reaches into the house',
    match: 'src.net = guest, dst.net = home, not dst.port = 53',
    alert: ['webhook'],
    severity: 'warning',
  },
]

/** Throws CommandError when it cannot be written. */
export function makeFolder(dataDir: string, { alertUrl, historyMs, listen, nats, http }: FolderSettings): DemoFolder {
  const [config, rules, dnsLog] = ['netbehave.yaml', 'rules.yaml', 'dnsmasq.log'].map((name) =>
    join(dataDir, name),
  ) as [string, string, string]
  const files = [rules, SHIPPED_RULES]
  const clockSkewMs = historyMs + 2 * DAY_MS
  const content = {
    site: 'home',
    up: { listen: [listen], nats, http },
    collector: { networks: `home=${HOME},guest=${GUEST}`, clockSkewMs },
    // The past comes all at once, while everything starts: rather late than without names.
    enricher: { rules: files, lookUpWaitMs: 1_000 },
    'search-gw': { rules: files },
    archiver: { clockSkewMs, flushIntervalMs: 2_000, closeDelayMs: 900_000 },
    'dns-ingest': { logs: [dnsLog] },
    // Holders are put by the demo; all addresses are those of documentation, so no registry is asked, and no list fetched.
    whois: { enabled: true, refreshDays: 0 },
    alerter: { webhook: { url: alertUrl }, learningMs: 0 },
  }
  try {
    mkdirSync(dataDir, { recursive: true })
    writeFileSync(config, `# Written at every start of "netbehave demo".\n${stringify(content)}`)
    writeFileSync(rules, `# Rules of the demo; the shipped ones are asked after them.\n${stringify(RULES)}`)
    writeFileSync(dnsLog, '', { flag: 'a' })
  } catch (error) {
    throw new CommandError(`cannot write into ${dataDir}: ${describeSystemError(error)}`, writeExitCode(error), {
      cause: error,
    })
  }
  return { config, dnsLog }
}
