// What the decoder knows of its exporters, for people and for the CollectorReport of libs/schema.
import type { ExporterReport } from '@netbehave/schema'
import type { Domain, ExporterStatistics, InterfaceNames, Template } from './exporter-state.ts'
import type { ExporterStore } from './exporter-store.ts'
import { PROBLEMS, type Problem } from './problems.ts'

export interface DecoderReport extends ExporterReport {
  /** What the exporter says about its own exporting; absent when it says nothing. */
  statistics?: ExporterStatistics
}

export function report(store: ExporterStore): DecoderReport[] {
  const reports: DecoderReport[] = []
  for (const exporter of store.exporters.values()) {
    for (const domain of exporter.domains.values()) reports.push(domainReport(domain))
  }
  return reports
}

function domainReport(domain: Domain): DecoderReport {
  const trackers = [domain.sequence, ...(domain.sequencesByPort?.values() ?? [])]
  const sum = (of: 'lost' | 'restarts' | 'reordered') => trackers.reduce((total, tracker) => total + tracker[of], 0)
  const problems: Partial<Record<Problem, number>> = {}
  for (const problem of PROBLEMS) if (domain.problems[problem] > 0) problems[problem] = domain.problems[problem]
  return {
    ip: domain.exporter.ip,
    domain: domain.domain,
    version: domain.version,
    firstSeenMs: domain.firstSeenMs,
    lastSeenMs: domain.lastSeenMs,
    datagrams: domain.datagrams,
    flows: domain.flows,
    optionsRecords: domain.optionsRecords,
    lost: sum('lost'),
    lossUnit: domain.sequence.unit,
    restarts: sum('restarts'),
    reordered: sum('reordered'),
    clockSkewMs: domain.clockSkewMs,
    sampling: domain.headerRate > 1 ? domain.headerRate : domain.defaultRate,
    problems: problems as Record<string, number>,
    templates: [...templatesOf(domain)].map(templateReport),
    awaiting: [...(domain.awaiting ?? [])].map(([id, awaited]) => ({ id, ...awaited })),
    ...(domain.statistics ? { statistics: { ...domain.statistics } } : {}),
  }
}

/** All templates of a domain, those split off by port too. */
export function* templatesOf(domain: Domain): Iterable<Template> {
  yield* domain.templates.values()
  for (const view of domain.views?.values() ?? []) yield* view.values()
}

function templateReport(template: Template): ExporterReport['templates'][number] {
  return {
    id: template.id,
    kind: template.kind,
    fields: template.fields,
    recordBytes: template.isVariable ? null : template.recordBytes,
    firstSeenMs: template.firstSeenMs,
    lastSeenMs: template.lastSeenMs,
  }
}

/** Interface names of all domains of an exporter. */
export function interfacesOf(store: ExporterStore, ip: string): ReadonlyMap<number, InterfaceNames> {
  const names = new Map<number, InterfaceNames>()
  for (const domain of store.exporters.get(ip)?.domains.values() ?? []) {
    for (const [index, interfaceNames] of domain.interfaces ?? []) names.set(index, { ...interfaceNames })
  }
  return names
}
