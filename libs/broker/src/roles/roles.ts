// Who may do what on the broker: one row for each role. Accounts keep services, data and operators apart, since the server checks the
// subject that one publishes to but not the reply subject (docs/decisions/005); permissions narrow what a role may do in its account.
// In: nothing. Out: rows, from which `hubAccounts` makes the server's configuration and `netbehave broker check` what to expect.
import { CONSUMERS, type ConsumerSpec, lastAtHub, SUBJECTS, siteNames, subjectToken } from '@netbehave/schema'

/**
 * `SVC`: the services. `FLOW`: the streams, with JetStream's own subjects. `APPS`: who publishes flows, events and stats, and reads them; it
 * knows of JetStream what `FLOW` offers it. `INGEST`: writes to services. `OPS`: operators. `SYS`: the server's own.
 */
export type Account = 'SYS' | 'SVC' | 'FLOW' | 'APPS' | 'INGEST' | 'OPS'
/** The line to a site with a server of its own. */
export type SiteAccount = `SITE_${string}`

export const ROLE_NAMES = [
  'collector',
  'enricher',
  'enricher-sightings',
  'archiver',
  'alerter',
  'alerts-service',
  'dns-ingest',
  'dns-service',
  'dns-events',
  'whois-service',
  'ipam-service',
  'ipam-events',
  'search-gw',
  'gw-operator',
  'gw-admin',
  'analyst',
  'flow-admin',
  'admin',
  'sys',
] as const
/** `leaf`: the server of a site, connected to the hub's. It is no app's, and there is none at a hub without other sites. */
export type Role = (typeof ROLE_NAMES)[number] | 'leaf'

export interface RoleSpec {
  readonly account: Account | SiteAccount
  /** What it may publish to; undefined: anything in its account. */
  readonly publish: readonly string[] | undefined
  /** What it may subscribe to; `SUBJECT QUEUE` only as part of that queue group; undefined: anything in its account. */
  readonly subscribe: readonly string[] | undefined
  /** May it answer a request on the reply subject, once? */
  readonly isResponder: boolean
}

/** Services that answer requests, in the account SVC. */
export const SERVICES = ['dns', 'whois', 'ipam', 'alerts'] as const
export type ServiceName = (typeof SERVICES)[number]
/** Which accounts may ask on which level of a service's subjects. */
export const LEVELS = {
  ro: ['APPS', 'INGEST', 'OPS'],
  rw: ['INGEST', 'OPS'],
  admin: ['OPS'],
} as const satisfies Record<string, readonly Account[]>
export type Level = keyof typeof LEVELS

const READ = SERVICES.map((service) => `${service}.ro.>`)

/** The name of a role's key and inbox: collectors and sites' servers have one for each site. */
export const roleKey = (role: Role, site: string): string =>
  role === 'collector' || role === 'leaf' ? `${role}-${subjectToken(site)}` : role

export function roleSpec(role: Role, site: string): RoleSpec {
  const inbox = `_INBOX.${roleKey(role, site)}.>`
  const app = (publish: readonly string[], subscribe: readonly string[] = []): RoleSpec => ({
    account: 'APPS',
    publish,
    subscribe: [...subscribe, inbox],
    isResponder: false,
  })
  const asks = (account: Account, publish: readonly string[]): RoleSpec => {
    return { account, publish, subscribe: [inbox], isResponder: false }
  }
  switch (role) {
    case 'collector':
      return app([...publishesFlows(site), `stats.collector.${site}.*`], ['stats-ask'])
    case 'enricher':
      return app(
        ['flows.enriched.*', 'events.rule.*', 'stats.enricher.*.*', ...READ, ...readsConsumer(CONSUMERS.enricher)],
        ['events.dns.*', 'events.asset.*', 'stats-ask'],
      )
    case 'archiver':
      return app(['stats.archiver.*.*', ...readsConsumer(CONSUMERS.archiver)], ['stats-ask'])
    case 'alerter':
      return app(
        ['stats.alerter.*.*', 'dns.ro.>', 'ipam.ro.>', ...readsConsumer(CONSUMERS.alerter)],
        ['stats.>', 'stats-ask'],
      )
    case 'dns-events':
      return app(['events.dns.*', 'stats.dns-ingest.*.*'], ['stats-ask'])
    case 'ipam-events':
      return app(['events.asset.*', 'stats.ipam.*.*', 'dns.ro.>'], ['events.dns.*', 'stats-ask'])
    case 'search-gw':
      return app(
        // Which sites there are is written at the stream of raw flows.
        [
          ...['stats.search-gw.*.*', 'stats-ask', ...READ, ...Object.values(CONSUMERS).map(asksConsumer)],
          '$JS.API.STREAM.INFO.FLOWS_RAW',
        ],
        ['flows.enriched.*', 'events.>', 'stats.>', 'stats-ask'],
      )
    case 'analyst':
      return app(['stats-ask', ...READ], ['flows.enriched.*', 'events.>', 'stats.>'])
    case 'flow-admin':
      return { account: 'FLOW', publish: undefined, subscribe: undefined, isResponder: false }
    case 'dns-service':
      return serves('dns')
    case 'whois-service':
      return serves('whois')
    case 'ipam-service':
      return serves('ipam')
    case 'alerts-service':
      return serves('alerts')
    case 'dns-ingest':
      return asks('INGEST', ['dns.rw.>'])
    case 'enricher-sightings':
      return asks('INGEST', ['ipam.rw.sight'])
    case 'gw-operator':
      return asks('INGEST', [...READ, 'ipam.rw.edit', 'ipam.rw.forget', 'alerts.rw.>'])
    case 'gw-admin':
      return asks('OPS', [...READ, ...SERVICES.flatMap((service) => [`${service}.rw.>`, `${service}.admin.>`])])
    case 'admin':
      return { account: 'OPS', publish: undefined, subscribe: [inbox], isResponder: false }
    case 'leaf':
      return linksSite(site)
    case 'sys':
      return { account: 'SYS', publish: undefined, subscribe: undefined, isResponder: false }
  }
}

/** Flows, and that exporters went silent or are back. */
const publishesFlows = (site: string): string[] => [
  SUBJECTS.flowsRaw(site),
  SUBJECTS.exporterSilent(site),
  SUBJECTS.exporterBack(site),
]

/**
 * What passes the line between a site's server and the hub. From the site: what its streams hold, how its apps are, and the question what
 * of its own came last. To the site: the answers, and the question how its apps are.
 */
function linksSite(site: string): RoleSpec {
  const { account } = siteNames(site)
  const subjects = publishesFlows(site)
  return {
    account: account as SiteAccount,
    publish: [...subjects, ...subjects.map(lastAtHub), ...siteStats(site)],
    subscribe: ['stats-ask', `_INBOX.${roleKey('leaf', site)}.>`],
    isResponder: false,
  }
}

/** What the apps of a site tell of themselves. */
export const siteStats = (site: string): string[] => [`stats.collector.${site}.*`, `stats.forwarder.${site}.*`]

/** Subscribes to its own requests as part of its queue groups, answers, and tells how it is. */
function serves(service: ServiceName): RoleSpec {
  const requests = (Object.keys(LEVELS) as Level[]).map((level) => `${service}.${level}.> ${service}-${level}`)
  return {
    account: 'SVC',
    publish: [`stats.${service}.*.*`],
    subscribe: [...requests, '$SRV.>', 'stats-ask'],
    isResponder: true,
  }
}

/** How far a consumer is behind: to look, not to read. */
export const asksConsumer = ({ stream, durable }: ConsumerSpec): string => `$JS.API.CONSUMER.INFO.${stream}.${durable}`

/** What reading a durable pull consumer takes: its stream, itself, the next messages, acknowledgements. */
const readsConsumer = (spec: ConsumerSpec): string[] => [
  asksStream(spec),
  asksConsumer(spec),
  takesNext(spec),
  ...acknowledges(spec),
]
export const asksStream = ({ stream }: ConsumerSpec): string => `$JS.API.STREAM.INFO.${stream}`
export const takesNext = ({ stream, durable }: ConsumerSpec): string => `$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`
/** In both forms. */
export const acknowledges = ({ stream, durable }: ConsumerSpec): string[] => [
  `$JS.ACK.${stream}.${durable}.>`,
  `$JS.ACK.*.*.${stream}.${durable}.>`,
]
