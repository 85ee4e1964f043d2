// What is wrong with our own apps: silent ones, what they could not do. In: their snapshots. Out: findings.
import { EnricherReport, type StatsSnapshot } from '@netbehave/schema'
import type { HealthFinding } from '@netbehave/schema/api'
import { sumOf, valuesOf } from './metrics.ts'
import { type Observation, type Observed, riseOf } from './observation.ts'
import { bytes, count } from './words.ts'

/** Without one of these flows do not reach history. */
export const NEEDED_APPS = ['collector', 'enricher', 'archiver'] as const
/** Messages of up to 4,096 flows that wait for an app. */
const WAITING = 1000
const LITTLE_FREE_BYTES = 1024 * 1024 * 1024

export function appFindings({ isBrokerConnected, apps, lag = [] }: Observation): HealthFinding[] {
  if (!isBrokerConnected)
    return [
      {
        id: 'broker-away',
        level: 'bad',
        about: 'broker',
        sentence: 'the broker is away: nothing is known of the other apps',
        remedy: 'is nats-server running? Collectors keep what they receive until it is back, within bounds',
      },
    ]
  const findings: HealthFinding[] = NEEDED_APPS.filter((app) => !apps.some(({ snapshot }) => snapshot.app === app)).map(
    (app) => ({
      id: 'app-silent',
      level: 'bad',
      about: app,
      sentence: `no ${app} has reported for 15 s`,
      remedy: `is it running? Its log says why it ended; "netbehave status" lists what runs`,
    }),
  )
  for (const observed of apps) findings.push(...findingsOfApp(observed))
  for (const { consumer, stream, waiting } of lag) {
    if (waiting < WAITING) continue
    findings.push({
      id: 'lag',
      level: 'warning',
      about: consumer,
      sentence: `${count(waiting)} messages of ${stream} wait for the ${consumer}`,
      remedy: `it is slower than what comes in, or was away: more CPU, or${consumer === 'enricher' ? ' another enricher' : ' a faster disk'}`,
    })
  }
  return findings
}

/** What an enricher asks others for, by the label of its metrics. */
const LOOK_UPS: Readonly<Record<string, { readonly app: string; readonly without: string }>> = {
  dns: { app: 'dns-ingest', without: 'names' },
  ipam: { app: 'ipam', without: 'names of devices' },
  whois: { app: 'whois', without: 'address holders' },
}

/** A service that never answered is one that this system does not have. */
function stoppedAnswering({ snapshot, earlier }: Observed, service: string): boolean {
  if (earlier?.startedMs !== snapshot.startedMs) return false
  const of = (one: StatsSnapshot, name: string) =>
    valuesOf(one, `netbehave_enricher_enrich_${name}_total`).find(({ labels }) => labels.service === service)?.value ??
    0
  const answered = (one: StatsSnapshot) => of(one, 'look_ups') - of(one, 'look_up_faults')
  const failed = of(snapshot, 'look_up_faults') - of(earlier, 'look_up_faults')
  return failed > 0 && answered(earlier) > 0 && answered(snapshot) <= answered(earlier)
}

function findingsOfApp(observed: Observed): HealthFinding[] {
  const { app, site, instance } = observed.snapshot
  const about = `${app} ${site}/${instance}`
  const findings: HealthFinding[] = []
  const say = (id: string, level: HealthFinding['level'], sentence: string, remedy: string) =>
    findings.push({ id, level, about, sentence, remedy })
  const prefix = `netbehave_${app.replaceAll('-', '_')}`
  const refused = riseOf(observed, `${prefix}_broker_errors_total`)
  if (refused > 0)
    say(
      'broker-refuses',
      'bad',
      `the broker refused ${app} ${count(refused)} times`,
      'its log says what; "netbehave broker check" shows how the broker differs from what it should allow',
    )
  if (app === 'archiver') {
    const failed = riseOf(observed, 'netbehave_archiver_write_failures_total')
    if (failed > 0)
      say(
        'write-fails',
        'bad',
        `the archiver could not write ${count(failed)} times; it tries again and loses nothing meanwhile`,
        'its log says why: a full or read-only disk, usually',
      )
    const free = sumOf(observed.snapshot, 'netbehave_archiver_disk_free_bytes') ?? -1
    if (sumOf(observed.snapshot, 'netbehave_archiver_disk_full'))
      say(
        'disk-full',
        'bad',
        'the disk is nearly full and no day is left to remove',
        'make room, or move the data folder to a larger disk',
      )
    else if (free >= 0 && free < LITTLE_FREE_BYTES)
      say(
        'disk-low',
        'warning',
        `the disk of the archive has ${bytes(free)} free`,
        'set archiver.keepDays or archiver.maxBytes, or make room: at archiver.minFreeBytes the oldest days go',
      )
    const skewed = riseOf(observed, 'netbehave_archiver_write_clock_skew_flows_total')
    if (skewed > 0)
      say(
        'skewed-flows',
        'warning',
        `${count(skewed)} flows had times that cannot be right and were filed under today`,
        'set the clocks of exporters and of this machine by NTP',
      )
  }
  if (app === 'enricher') {
    const { ruleFileErrors = [], rulesLeftOut = 0 } = EnricherReport.safeParse(observed.snapshot.report).data ?? {}
    if (ruleFileErrors.length > 0)
      say(
        'rules-wrong',
        'warning',
        `the files of rules have mistakes, so the last good rules stay in force: ${ruleFileErrors[0]}`,
        '"netbehave rules check" shows all of them with their places',
      )
    if (rulesLeftOut > 0)
      say(
        'rules-left-out',
        'note',
        `${count(rulesLeftOut)} rules are in force but not reported`,
        'fewer, broader rules are faster too',
      )
    for (const [service, { app: server, without }] of Object.entries(LOOK_UPS))
      if (stoppedAnswering(observed, service))
        say(
          `no-${service}`,
          'warning',
          `${server} answered before and does not now: flows go on without ${without} that are not known yet`,
          `is ${server} running, and may it connect to the broker? Its log says why not; nothing else waits for it`,
        )
  }
  return findings
}
