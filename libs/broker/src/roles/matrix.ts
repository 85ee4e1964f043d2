// What every role is expected to be allowed on the broker, written out by subject. It is not made from the table of roles, so that a
// slip in that table is found: the tests ask a real server, and `netbehave broker check` the one that runs.

export type AccessAction = 'publish' | 'subscribe' | 'request'

export interface MatrixRow {
  readonly action: AccessAction
  readonly subject: string
  /** Only as part of this queue group. */
  readonly queue?: string
  /** Keys of the roles that may (`enricher`, `collector-home`). */
  readonly allowed: readonly string[]
}

/** Roles whose account is all theirs: they are not asked what they may publish or subscribe to. What they publish reaches nobody else. */
export const UNLIMITED: Readonly<Record<AccessAction, readonly string[]>> = {
  publish: ['flow-admin', 'sys', 'admin'],
  subscribe: ['flow-admin', 'sys'],
  request: [],
}

const SERVICE_ROLES = ['dns-service', 'whois-service', 'ipam-service', 'alerts-service']
const OPERATORS = ['gw-admin', 'admin']
const READERS = ['enricher', 'search-gw', 'analyst', 'gw-operator', ...OPERATORS]

const REQUESTS: Readonly<Record<string, readonly string[]>> = {
  'dns.ro.reverse': [...READERS, 'alerter', 'ipam-events'],
  'whois.ro.lookup': READERS,
  'ipam.ro.list': [...READERS, 'alerter'],
  'alerts.ro.list': READERS,
  'dns.rw.query': ['dns-ingest', ...OPERATORS],
  'dns.rw.reply': ['dns-ingest', ...OPERATORS],
  'dns.rw.cached': ['dns-ingest', ...OPERATORS],
  'whois.rw.put': OPERATORS,
  'ipam.rw.sight': ['enricher-sightings', ...OPERATORS],
  'ipam.rw.edit': ['gw-operator', ...OPERATORS],
  'ipam.rw.forget': ['gw-operator', ...OPERATORS],
  'alerts.rw.mute': ['gw-operator', ...OPERATORS],
  'dns.admin.flush': OPERATORS,
  'whois.admin.flush': OPERATORS,
  'ipam.admin.import': OPERATORS,
}

/** For a hub with collectors at these sites; `leafSites` are those whose own servers connect to it. */
export function accessMatrix(sites: readonly string[], leafSites: readonly string[] = []): MatrixRow[] {
  const rows = (action: AccessAction, table: Readonly<Record<string, readonly string[]>>): MatrixRow[] =>
    Object.entries(table).map(([text, allowed]) => {
      const [subject = '', queue] = text.split(' ')
      return { action, subject, allowed, ...(queue !== undefined && { queue }) }
    })
  return [
    ...rows('publish', { ...publishes(sites), ...lines(leafSites).publish }),
    ...rows('subscribe', { ...subscribes(sites, leafSites), ...lines(leafSites).subscribe }),
    ...rows('request', REQUESTS),
  ]
}

/** What passes the line of a site's server, and what does not. */
function lines(leafSites: readonly string[]): Record<'publish' | 'subscribe', Record<string, readonly string[]>> {
  const perSite = (table: (site: string, key: string) => Record<string, readonly string[]>) =>
    Object.assign({}, ...leafSites.map((site) => table(site, `leaf-${site}`)))
  return {
    publish: perSite((site, key) => ({
      [`flows.raw.${site}`]: [key],
      [`events.exporter.silent.${site}`]: [key],
      [`events.exporter.back.${site}`]: [key],
      [`hub.last.flows.raw.${site}`]: [key],
      [`hub.last.events.exporter.silent.${site}`]: [key],
      [`hub.last.events.exporter.back.${site}`]: [key],
      [`stats.collector.${site}.probe`]: [key],
      [`stats.forwarder.${site}.probe`]: [key],
      [`$JS.API.DIRECT.GET.FLOWS_RAW.flows.raw.${site}`]: [],
      [`$JS.FC.FLOWS_${site}.probe`]: [],
    })),
    subscribe: perSite((site, key) => ({
      [`flows.raw.${site}`]: [],
      [`$JS.${site}.API.>`]: [],
      [`_INBOX.${key}.>`]: [key],
    })),
  }
}

function publishes(sites: readonly string[]): Record<string, readonly string[]> {
  return {
    ...Object.fromEntries(
      sites.flatMap((site) => [
        [`flows.raw.${site}`, [`collector-${site}`]],
        [`stats.collector.${site}.probe`, [`collector-${site}`]],
        [`events.exporter.silent.${site}`, [`collector-${site}`]],
        [`events.exporter.back.${site}`, [`collector-${site}`]],
        [`flows.enriched.${site}`, ['enricher']],
      ]),
    ),
    'flows.raw.nowhere': [],
    'events.rule.match': ['enricher'],
    'events.asset.new': ['ipam-events'],
    'events.asset.changed': ['ipam-events'],
    'events.exporter.silent.nowhere': [],
    'hub.last.flows.raw.nowhere': [],
    'events.dns.reply': ['dns-events'],
    'stats.enricher.home.probe': ['enricher'],
    'stats.archiver.home.probe': ['archiver'],
    'stats.alerter.home.probe': ['alerter'],
    'stats.dns-ingest.home.probe': ['dns-events'],
    'stats.ipam.home.probe': ['ipam-events', 'ipam-service'],
    'stats.whois.home.probe': ['whois-service'],
    'stats.search-gw.home.probe': ['search-gw'],
    'stats-ask': ['search-gw', 'analyst'],
    '$JS.API.STREAM.INFO.FLOWS_RAW': ['enricher', 'search-gw'],
    '$JS.API.STREAM.INFO.FLOWS': ['archiver'],
    '$JS.API.STREAM.INFO.EVENTS': ['alerter'],
    '$JS.API.CONSUMER.MSG.NEXT.FLOWS_RAW.enricher': ['enricher'],
    '$JS.API.CONSUMER.MSG.NEXT.FLOWS.archiver': ['archiver'],
    '$JS.API.CONSUMER.MSG.NEXT.EVENTS.alerter': ['alerter'],
    '$JS.API.CONSUMER.INFO.FLOWS_RAW.enricher': ['enricher', 'search-gw'],
    '$JS.API.CONSUMER.INFO.FLOWS.archiver': ['archiver', 'search-gw'],
    '$JS.API.CONSUMER.INFO.EVENTS.alerter': ['alerter', 'search-gw'],
    '$JS.ACK.FLOWS_RAW.enricher.1.1.1.1.0': ['enricher'],
    '$JS.ACK.FLOWS.archiver.1.1.1.1.0': ['archiver'],
    '$JS.ACK.EVENTS.alerter.1.1.1.1.0': ['alerter'],
    '$JS.ACK.hub.x.FLOWS.archiver.1.1.1.1.0.x': ['archiver'],
    '$JS.API.STREAM.CREATE.SPY': [],
    '$JS.API.STREAM.PURGE.FLOWS': [],
    '$JS.API.STREAM.DELETE.FLOWS_RAW': [],
    '$JS.API.STREAM.MSG.GET.FLOWS': [],
    '$JS.API.CONSUMER.CREATE.FLOWS.spy': [],
    '$JS.API.CONSUMER.CREATE.FLOWS_RAW.spy': [],
    '$JS.API.CONSUMER.DELETE.FLOWS.archiver': [],
    '$SYS.REQ.SERVER.PING': [],
    '_INBOX.search-gw.probe': [],
  }
}

function subscribes(sites: readonly string[], leafSites: readonly string[]): Record<string, readonly string[]> {
  const collectors = sites.map((site) => `collector-${site}`)
  const inboxes = [
    ...collectors,
    ...['enricher', 'enricher-sightings', 'archiver', 'alerter', 'dns-ingest', 'dns-events', 'ipam-events'],
    ...['search-gw', 'gw-operator', 'gw-admin', 'analyst', 'admin'],
  ]
  return {
    ...Object.fromEntries(sites.map((site) => [`flows.raw.${site}`, []])),
    ...Object.fromEntries(inboxes.map((key) => [`_INBOX.${key}.>`, [key]])),
    // A queue group that serves requests is joined where nobody asks, so that none goes astray.
    ...Object.fromEntries(
      SERVICE_ROLES.flatMap((role) =>
        ['ro', 'rw', 'admin'].map((level) => {
          const service = role.replace('-service', '')
          return [`${service}.${level}.probe ${service}-${level}`, [role]]
        }),
      ),
    ),
    'dns.ro.probe': [],
    'flows.raw.>': [],
    'flows.enriched.*': ['search-gw', 'analyst'],
    'events.>': ['search-gw', 'analyst'],
    'events.dns.reply': ['enricher', 'ipam-events', 'search-gw', 'analyst'],
    'events.asset.>': ['enricher', 'search-gw', 'analyst'],
    'events.rule.match': ['search-gw', 'analyst'],
    'stats.>': ['alerter', 'search-gw', 'analyst'],
    'stats-ask': [
      ...collectors,
      ...['enricher', 'archiver', 'alerter', 'dns-events', 'ipam-events', 'search-gw'],
      ...SERVICE_ROLES,
      ...leafSites.map((site) => `leaf-${site}`),
    ],
    '$SRV.>': SERVICE_ROLES,
    '>': [],
    '_INBOX.>': [],
    '$JS.API.>': [],
    '$SYS.>': [],
  }
}
