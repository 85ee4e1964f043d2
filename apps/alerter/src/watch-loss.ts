// Loss above a limit, from the snapshots of collectors: what exporters say they sent, what the kernel dropped, what we dropped.
// In: a snapshot. Out: what is above, and what is not (any more). Fails: never.
import { CollectorReport, type ExporterReport, type StatsSnapshot } from '@netbehave/schema'
import { KINDS } from './kinds.ts'
import type { Loss, LossMeter } from './loss-meter.ts'
import type { Notice } from './notice.ts'
import { metricOf } from './snapshot-metrics.ts'
import { canonicalAddress, formatSpan, formatTime, oneLine } from './text.ts'

/** A trouble as it is now: `begin` when it is one, undefined when all is well. */
export interface Finding {
  readonly key: string
  readonly begin: ((id: string) => Notice) | undefined
}

/** A handful of units lost is a share without meaning. */
const LEAST_LOST = 10

interface Sender {
  readonly key: string
  readonly what: string
  readonly unit: string
  readonly lost: number
  readonly seen: number
  readonly advice: string
  readonly exporter?: string
}

export function watchLoss(
  snapshot: StatsSnapshot,
  meter: LossMeter,
  options: { lossPercent: number; timeZone: string },
  nowMs: number,
): Finding[] {
  const report = CollectorReport.safeParse(snapshot.report)
  if (!report.success) return []
  return sendersOf(snapshot, report.data).flatMap((sender) => {
    const loss = meter.measure(sender.key, sender.lost, sender.seen, nowMs)
    if (!loss) return []
    const isTrouble = loss.percent > options.lossPercent && loss.lost >= LEAST_LOST
    const begin = (id: string) => describeLoss(id, sender, loss, snapshot, options.timeZone, nowMs)
    return [{ key: sender.key, begin: isTrouble ? begin : undefined }]
  })
}

function sendersOf(snapshot: StatsSnapshot, report: CollectorReport): Sender[] {
  const at = `${snapshot.site}/${snapshot.instance}`
  const datagrams = metricOf(snapshot, 'netbehave_collector_listen_datagrams_total') ?? 0
  const sockets = report.listening.flatMap(({ address, kernelDrops }) => {
    if (kernelDrops === null) return []
    return [
      {
        key: `loss ${at} socket ${address}`,
        what: `Socket ${address}`,
        unit: 'datagrams',
        lost: kernelDrops,
        seen: datagrams,
        advice:
          'The kernel dropped them: its receive buffer was full. Make net.core.rmem_max and collector.receiveBufferBytes larger, or give the machine less to do.',
      },
    ]
  })
  const dropped = metricOf(snapshot, 'netbehave_collector_publish_dropped_flows_total')
  const own = {
    key: `loss ${at} ring`,
    what: 'The collector',
    unit: 'flows',
    lost: dropped ?? 0,
    seen: metricOf(snapshot, 'netbehave_collector_publish_acknowledged_flows_total') ?? 0,
    advice:
      'The broker was away for longer than the collector can hold flows (collector.maxHeldBytes). Look after nats-server.',
  }
  return [...report.exporters.flatMap((exporter) => exporterSender(exporter, at)), ...sockets, own]
}

function exporterSender(exporter: ExporterReport, at: string): Sender[] {
  const { ip, domain, version, lost, lossUnit, flows, optionsRecords, datagrams } = exporter
  if (lossUnit === 'none') return []
  const seen = { flows, datagrams, records: flows + optionsRecords }[lossUnit]
  return [
    {
      key: `loss ${at} exporter ${ip} ${domain} ${version}`,
      what: `Exporter ${ip}${domain === 0 ? '' : ` (domain ${domain})`}`,
      unit: lossUnit,
      lost,
      seen,
      advice:
        'Its sequence numbers say that they were sent and never came. Look at the way between it and the collector, and at netbehave exporters.',
      exporter: ip,
    },
  ]
}

function describeLoss(
  id: string,
  { what, unit, advice, exporter }: Sender,
  { lost, percent, spanMs }: Loss,
  { site, instance }: StatsSnapshot,
  timeZone: string,
  nowMs: number,
): Notice {
  return {
    id,
    kind: 'loss',
    severity: KINDS.loss.severity,
    site,
    atMs: nowMs,
    scope: '',
    about: exporter === undefined ? undefined : { target: 'exporter', value: canonicalAddress(exporter) },
    facts: {
      what: oneLine(what),
      site: oneLine(site),
      instance: oneLine(instance),
      share: percent.toFixed(1),
      lost: `${lost} ${unit}`,
      span: formatSpan(spanMs),
      advice,
      time: formatTime(nowMs, timeZone),
      mute: exporter === undefined ? '' : `netbehave alerts mute exporter ${oneLine(exporter)}`,
    },
  }
}
