// What is wrong with a running copy: what its apps say of themselves, judged by libs/health as on the Health page, and what only shows
// beside it. In: the run file, or the address of a broker. Out: findings, and what was looked at.
import { connect } from 'node:net'
import { askStats, type Role } from '@netbehave/broker'
import { askConsumerLags, collectorReport, findFindings, NEEDED_APPS, sitesIn } from '@netbehave/health'
import type { HealthFinding } from '@netbehave/schema/api'
import { type CopyOptions, connectToCopy } from '../broker-client.ts'
import type { Environment } from '../environment.ts'
import { CommandError } from '../exit-codes.ts'
import { parseHostPort } from '../listen-address.ts'
import { formatDuration } from '../output/numbers.ts'
import type { RunFile } from '../run-file.ts'

const CONNECT_MS = 10_000

export interface CopyState {
  readonly findings: readonly HealthFinding[]
  /** Apps that answered, and exporters that they know of. */
  readonly apps: number
  readonly exporters: number
}

/** `running` is undefined for a broker elsewhere. */
export async function examineCopy(
  options: CopyOptions,
  running: RunFile | undefined,
  environment: Environment,
): Promise<CopyState> {
  // The gateway's role may ask how far consumers are behind; elsewhere, and at a site, there is no more than the analyst's key.
  const isHub = running !== undefined && running.hub === undefined
  const role: Role = isHub ? 'search-gw' : 'analyst'
  try {
    await using broker = await connectToCopy(options, role, environment)
    const snapshots = await askStats(broker)
    const lag = isHub ? await askConsumerLags(await broker.connected) : []
    const apps = snapshots.map((snapshot) => ({ snapshot }))
    const sites = snapshots.flatMap(sitesIn)
    const findings = findFindings({ nowMs: environment.now(), isBrokerConnected: true, apps, lag, sites })
    const answering = new Set(snapshots.map(({ app }) => app))
    return {
      findings: [
        ...findings.filter((finding) => isOurs(finding, running)),
        ...(running ? await besideFindings(running, answering, environment.now()) : []),
      ],
      apps: snapshots.length,
      exporters: new Set(
        snapshots.flatMap((snapshot) => collectorReport({ snapshot })?.exporters.map(({ ip }) => ip) ?? []),
      ).size,
    }
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    return { findings: [brokerAway(error.message)], apps: 0, exporters: 0 }
  }
}

/** A box that only collects misses none of the hub's apps. */
const isOurs = ({ id, about }: HealthFinding, running: RunFile | undefined): boolean =>
  id !== 'app-silent' || running?.apps === undefined || running.apps.includes(about)

const brokerAway = (sentence: string): HealthFinding => ({
  id: 'broker-away',
  level: 'bad',
  about: 'broker',
  sentence,
  remedy:
    '"netbehave status" says what runs; the log of "netbehave up" says why nats-server does not, and its keys are in DATA/nats/keys',
})

/** Apps that libs/health does not miss, because not everybody runs them; deaths; the console's port. */
async function besideFindings(
  running: RunFile,
  answering: ReadonlySet<string>,
  nowMs: number,
): Promise<HealthFinding[]> {
  const findings: HealthFinding[] = [...hubFindings(running, nowMs)]
  for (const app of running.apps ?? []) {
    if (answering.has(app) || NEEDED_APPS.some((needed) => needed === app)) continue
    findings.push({
      id: 'app-silent',
      level: 'warning',
      about: app,
      sentence: `${app} was started and does not answer`,
      remedy: 'the log of "netbehave up" says why it ended; it is started again by itself',
    })
  }
  for (const [name, count] of Object.entries(running.deaths)) {
    findings.push({
      id: 'app-died',
      level: 'warning',
      about: name,
      sentence: `${name} ended unasked ${count === 1 ? 'once' : `${count} times`} in the ${formatDuration(nowMs - running.startedMs)} since the start, and was started again`,
      remedy: 'the log of "netbehave up" says why: out of memory, usually, or a fault of ours that is worth a report',
    })
  }
  if (running.http !== undefined && !(await answers(new URL(running.http).host)))
    findings.push({
      id: 'console-silent',
      level: 'warning',
      about: 'search-gw',
      sentence: `the console does not answer on ${running.http}/`,
      remedy: 'the log of "netbehave up" says why; flows are received and stored all the same',
    })
  return findings
}

/** At a site: is there a line to the hub? */
function hubFindings({ hub }: RunFile, nowMs: number): HealthFinding[] {
  if (hub?.isThere !== false || hub.sinceMs === undefined) return []
  return [
    {
      id: 'hub-away',
      level: 'bad',
      about: 'hub',
      sentence: `no line to the hub ${hub.address} for ${formatDuration(nowMs - hub.sinceMs)}; flows are kept here until it is back`,
      remedy:
        'the log of "netbehave up" says why: the hub is off, a firewall closes its port, or it does not know this site',
    },
  ]
}

/** Does somebody take a TCP connection there? */
function answers(hostPort: string): Promise<boolean> {
  const address = parseHostPort(hostPort)
  if (!address) return Promise.resolve(true) // the port that https and http have without saying
  return new Promise((resolve) => {
    const socket = connect({ ...address, timeout: CONNECT_MS })
    const done = (isThere: boolean) => () => {
      socket.destroy()
      resolve(isThere)
    }
    socket.once('connect', done(true)).once('error', done(false)).once('timeout', done(false))
  })
}
