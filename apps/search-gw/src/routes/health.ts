// How the system is: findings, rates, exporters, first steps. All from what apps say on stats.>; nothing is asked of a collector.
import type { Broker } from '@netbehave/broker'
import {
  collectorReport,
  findFindings,
  findingsOfExporter,
  rateOf,
  sumOf,
  totalRate,
  valuesOf,
  withoutMoved,
} from '@netbehave/health'
import { thisHost } from '@netbehave/routers/this-host'
import type { ExporterReport } from '@netbehave/schema'
import * as api from '@netbehave/schema/api'
import type { ConsumerLags } from '../consumer-lag.ts'
import type { Archive } from '../history/archive.ts'
import type { Binder } from '../http/bind.ts'
import { ApiError } from '../http/problem.ts'
import type { SiteWatch } from '../site-watch.ts'
import { FRESH_MS, type Heard, type Snapshots } from '../snapshots.ts'

export interface HealthNeighbours {
  readonly broker: Broker
  readonly snapshots: Snapshots
  readonly lags: ConsumerLags
  readonly sites: SiteWatch
  readonly archive: Archive
  readonly now: () => number
}

const SILENT_MS = 5 * 60_000
const FORECAST_DAYS = 7
/** Exporters and domains in one reply. */
const MAX_EXPORTERS = 2000

export function bindHealth({ bind }: Binder, neighbours: HealthNeighbours): void {
  const { broker, snapshots, lags, sites, archive, now } = neighbours

  bind(api.HEALTH, async () => {
    const nowMs = now()
    const apps = snapshots.heard(nowMs)
    const lag = await lags.read()
    const findings = findFindings({ nowMs, isBrokerConnected: broker.isConnected, apps, lag, sites: sites.report() })
    const rate = (app: string, name: string) => totalRate(apps.map(recent), app, `netbehave_${app}_${name}`)
    return {
      status: findings.some(({ level }) => level !== 'note') ? ('degraded' as const) : ('ok' as const),
      atMs: nowMs,
      broker: { connected: broker.isConnected, disconnects: broker.counters.disconnects },
      findings,
      apps: snapshots.remembered().map((heard) => toAppState(heard, nowMs)),
      rates: {
        received: rate('collector', 'listen_datagrams_total'),
        decoded: rate('collector', 'decode_flows_total'),
        enriched: rate('enricher', 'enrich_flows_total'),
        archived: rate('archiver', 'write_flows_total'),
        lost: rate('collector', 'decode_lost_total'),
        dropped: rate('collector', 'publish_dropped_flows_total'),
      },
      receive: apps.flatMap(({ snapshot }) =>
        (collectorReport({ snapshot })?.listening ?? []).map((one) => ({
          site: snapshot.site,
          instance: snapshot.instance,
          ...one,
        })),
      ),
      lag: lag.map((one) => ({ ...one })),
      disk: forecastDisk(archive, apps),
    }
  })

  bind(api.HEALTH_NUMBERS, () => ({ atMs: now(), numbers: snapshots.heard(now()).flatMap(toNumbers) }))

  bind(api.EXPORTERS, () => {
    const nowMs = now()
    const exporters = exportersOf(snapshots.heard(nowMs))
    return {
      atMs: nowMs,
      sites: sites.report(),
      exporters: exporters.slice(0, MAX_EXPORTERS).map((one) => toExporterState(one, nowMs)),
    }
  })

  bind(api.EXPORTER, ({ params: { ip } }) => {
    const nowMs = now()
    const found = exportersOf(snapshots.heard(nowMs)).filter(({ exporter }) => exporter.ip === ip)
    if (found.length === 0) throw new ApiError(404, `${ip} has sent nothing that a running collector knows of`)
    return {
      ip,
      domains: found.map(({ exporter, heard }) => ({
        ...exporter,
        site: heard.snapshot.site,
        collector: heard.snapshot.instance,
      })),
      findings: found.flatMap(({ exporter, earlier }) => findingsOfExporter(exporter, earlier, nowMs)),
    }
  })

  bind(api.FIRST_RUN, () => {
    const apps = snapshots.heard(now())
    const exporters = exportersOf(apps).map(({ exporter }) => exporter)
    const sum = (name: string) => apps.reduce((total, { snapshot }) => total + (sumOf(snapshot, name) ?? 0), 0)
    const { addresses, networks } = thisHost()
    return {
      steps: {
        packet: exporters.some(({ datagrams }) => datagrams > 0),
        template: exporters.some(({ templates, version }) => templates.length > 0 || version < 9),
        flow: exporters.some(({ flows }) => flows > 0),
        name: sum('netbehave_enricher_enrich_named_total') > 0,
        asset: sum('netbehave_ipam_assets') > 0,
      },
      addresses,
      networks,
      ports: apps.flatMap(
        ({ snapshot }) => collectorReport({ snapshot })?.listening.map(({ address }) => address) ?? [],
      ),
    }
  })
}

/** For rates the snapshot just before, where there is one. */
const recent = ({ snapshot, previous, earlier }: Heard) => ({ snapshot, earlier: previous ?? earlier })

const toAppState = ({ snapshot: { app, site, instance, startedMs }, heardMs }: Heard, nowMs: number): api.AppState => ({
  app,
  site,
  instance,
  startedMs,
  heardMs,
  silent: nowMs - heardMs >= FRESH_MS,
})

function toNumbers(heard: Heard): api.HealthNumber[] {
  const { app, site, metrics } = heard.snapshot
  return (metrics as ({ name?: unknown; help?: unknown; type?: unknown } | null)[]).flatMap((metric) => {
    if (typeof metric?.name !== 'string' || !/^netbehave_[a-z_]+$/.test(metric.name)) return []
    const values = valuesOf(heard.snapshot, metric.name)
    const isCounter = metric.type === 'counter'
    const perSecond = isCounter && values.length === 1 ? rateOf(recent(heard), metric.name) : null
    return [
      {
        metric: metric.name,
        app,
        site,
        help: typeof metric.help === 'string' ? metric.help : '',
        kind: isCounter ? ('counter' as const) : ('gauge' as const),
        values: values.map(({ labels, value }) => ({ labels: { ...labels }, value, perSecond })),
      },
    ]
  })
}

interface FoundExporter {
  readonly exporter: ExporterReport
  readonly earlier: ExporterReport | undefined
  readonly previous: ExporterReport | undefined
  readonly heard: Heard
}

function exportersOf(apps: readonly Heard[]): FoundExporter[] {
  const all = apps
    .filter(({ snapshot }) => snapshot.app === 'collector')
    .flatMap((heard): FoundExporter[] => {
      const past = (snapshot: Heard['previous']) => (snapshot && collectorReport({ snapshot })?.exporters) ?? []
      const same = (all: readonly ExporterReport[], { ip, domain }: ExporterReport) =>
        all.find((one) => one.ip === ip && one.domain === domain)
      const [earlier, previous] = [past(heard.earlier), past(heard.previous)]
      return (collectorReport(heard)?.exporters ?? []).map((exporter) => ({
        exporter,
        earlier: same(earlier, exporter),
        previous: same(previous, exporter),
        heard,
      }))
    })
  return withoutMoved(all, ({ exporter, heard }) => ({ site: heard.snapshot.site, exporter }))
}

function toExporterState({ exporter, earlier, previous, heard }: FoundExporter, nowMs: number): api.ExporterState {
  const { templates, awaiting, ...rest } = exporter
  const seconds = heard.previous ? (heard.snapshot.atMs - heard.previous.atMs) / 1000 : 0
  const perSecond = (now: number, then: number | undefined) =>
    then === undefined || seconds <= 0 ? null : Math.max(0, now - then) / seconds
  return {
    ...rest,
    site: heard.snapshot.site,
    collector: heard.snapshot.instance,
    flowsPerSecond: perSecond(exporter.flows, previous?.flows),
    datagramsPerSecond: perSecond(exporter.datagrams, previous?.datagrams),
    templates: templates.length,
    awaiting: awaiting.length,
    silent: nowMs - exporter.lastSeenMs > SILENT_MS,
    findings: findingsOfExporter(exporter, earlier, nowMs),
  }
}

/** At the size of the newest closed days, how long until the disk is full? */
function forecastDisk(archive: Archive, apps: readonly Heard[]) {
  const archivers = apps.filter(({ snapshot }) => snapshot.app === 'archiver').map(({ snapshot }) => snapshot)
  const read = (name: string): number | null => {
    const values = archivers.map((snapshot) => sumOf(snapshot, name)).filter((value) => value !== undefined)
    return values.length === 0 || values[0]! < 0 ? null : values[0]!
  }
  const closed = archive.history
    .days()
    .filter((day) => day.closed)
    .slice(-FORECAST_DAYS)
  const bytesPerDay =
    closed.length === 0 ? null : closed.reduce((sum, { diskBytes }) => sum + diskBytes, 0) / closed.length
  const freeBytes = read('netbehave_archiver_disk_free_bytes')
  return {
    archiveBytes: read('netbehave_archiver_disk_bytes'),
    freeBytes,
    bytesPerDay,
    daysLeft: bytesPerDay && freeBytes !== null ? Math.floor(freeBytes / bytesPerDay) : null,
  }
}
