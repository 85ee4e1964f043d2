// What is wrong with what exporters send, and with how it arrives. In: reports of collectors. Out: findings.
import { CollectorReport, type ExporterReport } from '@netbehave/schema'
import type { HealthFinding } from '@netbehave/schema/api'
import { withoutMoved } from './moved-exporters.ts'
import type { Observation, Observed } from './observation.ts'
import { riseOf } from './observation.ts'
import { bytes, clock, count, span } from './words.ts'

/** A template may come with the next export; most exporters repeat them within a minute or some tens of packets. */
const AWAITED_MS = 60_000
const SILENT_MS = 5 * 60_000
const SKEW_MS = 60_000
/** Share of what was sent that never came, from which on it is told. */
const LOSS = 0.001
const SMALL_BUFFER_BYTES = 2 * 1024 * 1024

/** The report of a collector's snapshot; undefined when it has none that fits. */
export function collectorReport(observed: Pick<Observed, 'snapshot'>): CollectorReport | undefined {
  return CollectorReport.safeParse(observed.snapshot.report).data
}

export function exporterFindings({ nowMs, apps }: Observation): HealthFinding[] {
  const collectors = apps.filter(({ snapshot }) => snapshot.app === 'collector')
  const reports = collectors.map((observed) => ({ observed, report: collectorReport(observed) }))
  const exporters = reports.flatMap(({ report }) => report?.exporters ?? [])
  const known = reports.flatMap(({ observed, report }) =>
    (report?.exporters ?? []).map((exporter) => ({ site: observed.snapshot.site, exporter })),
  )
  const here = new Set(withoutMoved(known, (row) => row).map(({ exporter }) => exporter))
  const findings: HealthFinding[] = []
  for (const { observed, report } of reports) {
    if (!report) continue
    findings.push(...receiveFindings(observed, report))
    const before = (observed.earlier && collectorReport({ snapshot: observed.earlier })?.exporters) ?? []
    for (const exporter of report.exporters) {
      if (!here.has(exporter)) continue
      const earlier = before.find(({ ip, domain }) => ip === exporter.ip && domain === exporter.domain)
      findings.push(...findingsOfExporter(exporter, earlier, nowMs))
    }
  }
  findings.push(...bridgeFindings(exporters))
  if (collectors.length > 0 && exporters.length === 0) findings.push(nobodySends(reports.map(({ report }) => report)))
  return findings
}

/** Findings about one exporter and domain. */
export function findingsOfExporter(
  exporter: ExporterReport,
  earlier: ExporterReport | undefined,
  nowMs: number,
): HealthFinding[] {
  const { ip } = exporter
  const findings: HealthFinding[] = []
  const say = (id: string, level: HealthFinding['level'], sentence: string, remedy: string) =>
    findings.push({ id, level, about: ip, sentence, remedy })
  for (const { id, sinceMs, droppedSets } of exporter.awaiting) {
    if (nowMs - sinceMs < AWAITED_MS) continue
    const lost = droppedSets > 0 ? `, so ${count(droppedSets)} sets of flows were given up` : ''
    say(
      'template-awaited',
      'bad',
      `${ip} sends data for template ${id} but has not sent the template since ${clock(sinceMs, nowMs)}${lost}`,
      exporter.version === 9
        ? 'exporters repeat templates by packets or time (MikroTik: every 20 packets): lower that interval, for example v9-template-refresh or template timeout, or restart the exporter'
        : 'lower the template timeout of the exporter (IPFIX over UDP repeats templates by time), or restart it',
    )
  }
  const silentMs = nowMs - exporter.lastSeenMs
  if (silentMs > SILENT_MS)
    say(
      'exporter-silent',
      'warning',
      `${ip} has sent nothing since ${clock(exporter.lastSeenMs, nowMs)}`,
      'is it switched on, does it still export to this address and port, does a firewall lie between?',
    )
  if (Math.abs(exporter.clockSkewMs) > SKEW_MS)
    say(
      'clock-skew',
      'warning',
      `the clock of ${ip} is ${span(exporter.clockSkewMs)} ${exporter.clockSkewMs > 0 ? 'behind' : 'ahead of'} ours`,
      'set its time by NTP; flows that are more than a day off are filed under today',
    )
  const lost = exporter.lost - (earlier?.lost ?? 0)
  const sent = unitsOf(exporter) - (earlier ? unitsOf(earlier) : 0) + lost
  if (exporter.lossUnit !== 'none' && lost > 0 && sent > 0 && lost / sent >= LOSS)
    say(
      'sequence-loss',
      'bad',
      `${((lost / sent) * 100).toFixed(1)} % of what ${ip} sent never came: ${count(lost)} ${exporter.lossUnit}${earlier ? ' in the last minutes' : ''}`,
      'look at the receive buffer below, at the link between, and whether two copies of NetBehave share the port',
    )
  if (
    exporter.datagrams > 0 &&
    exporter.flows === 0 &&
    exporter.awaiting.length === 0 &&
    nowMs - exporter.firstSeenMs > SILENT_MS
  )
    say(
      'no-flows',
      'warning',
      `${ip} sends datagrams but no flows since ${clock(exporter.firstSeenMs, nowMs)}`,
      'it sends only options or templates so far: does traffic pass it, and is export switched on for its interfaces?',
    )
  const problems = Object.entries(exporter.problems).filter(([name, n]) => n > (earlier?.problems[name] ?? 0))
  if (problems.length > 0)
    say(
      'malformed',
      'note',
      `some of what ${ip} sends is malformed: ${problems.map(([name, n]) => `${name} ${count(n - (earlier?.problems[name] ?? 0))} times`).join(', ')}`,
      '"netbehave exporters" says what each word means; what can be read is kept',
    )
  if (exporter.sampling > 1)
    say(
      'sampled',
      'note',
      `${ip} looks at 1 in ${count(exporter.sampling)} packets: its bytes and packets are estimates`,
      'set sampling to 1 on the exporter where it can bear it',
    )
  return findings
}

const unitsOf = ({ lossUnit, flows, datagrams, optionsRecords }: ExporterReport): number =>
  lossUnit === 'datagrams' ? datagrams : lossUnit === 'records' ? flows + optionsRecords : flows

function receiveFindings(observed: Observed, { listening }: CollectorReport): HealthFinding[] {
  const { site, instance } = observed.snapshot
  const about = `collector ${site}/${instance}`
  const findings: HealthFinding[] = []
  const drops = riseOf(observed, 'netbehave_collector_listen_kernel_drops_total')
  if (drops > 0)
    findings.push({
      id: 'kernel-drops',
      level: 'bad',
      about,
      sentence: `the kernel dropped ${count(drops)} datagrams ${observed.earlier ? 'in the last minutes ' : ''}because the receive buffer was full`,
      remedy:
        'raise net.core.rmem_max (sysctl -w net.core.rmem_max=16777216) and restart, or give the collector more CPU',
    })
  const small = listening.find(({ receiveBufferBytes }) => receiveBufferBytes < SMALL_BUFFER_BYTES)
  if (small)
    findings.push({
      id: 'receive-buffer',
      level: drops > 0 ? 'warning' : 'note',
      about,
      sentence: `the receive buffer of ${small.address} is ${bytes(small.receiveBufferBytes)}, which holds a burst of milliseconds`,
      remedy: 'sysctl -w net.core.rmem_max=16777216, and restart',
    })
  const dropped = riseOf(observed, 'netbehave_collector_publish_dropped_flows_total')
  if (dropped > 0)
    findings.push({
      id: 'ring-full',
      level: 'bad',
      about,
      sentence: `${count(dropped)} flows were dropped because the broker did not take them in time`,
      remedy: 'is nats-server running, and its disk fast enough and not full?',
    })
  return findings
}

/** Docker's userland proxy and bridges show every exporter as the bridge's own address: 172.16.0.0/12, host part .1. */
function bridgeFindings(exporters: readonly ExporterReport[]): HealthFinding[] {
  const addresses = new Set(exporters.map(({ ip }) => ip))
  const [address] = addresses
  if (addresses.size !== 1 || !address || !/^172\.(1[6-9]|2\d|3[01])\.\d+\.1$/.test(address)) return []
  return [
    {
      id: 'docker-bridge',
      level: 'bad',
      about: address,
      sentence: `all exporters have the address ${address}: the collector sees Docker's bridge`,
      remedy: 'use host networking for the collector (network_mode: host)',
    },
  ]
}

function nobodySends(reports: readonly (CollectorReport | undefined)[]): HealthFinding {
  const ports = reports.flatMap((report) => report?.listening.map(({ address }) => address) ?? [])
  return {
    id: 'no-exporter',
    level: 'note',
    about: 'collector',
    sentence: 'no exporter has sent anything yet',
    remedy: `let your router export NetFlow or IPFIX to this host, UDP ${ports.join(' or ') || '2055'}`,
  }
}
