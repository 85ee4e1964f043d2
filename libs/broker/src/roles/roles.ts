// Who may do what on the broker: one row for each role. Accounts keep services, data and operators apart, since the server checks the
// subject that one publishes to but not the reply subject (docs/decisions/005); permissions narrow what a role may do in its account.
// In: nothing. Out: rows, from which `hubAccounts` makes the server's configuration and `netbehave broker check` what to expect.
import { CONSUMERS, type ConsumerSpec, HUB_DOMAIN, siteNames, subjectToken } from '@netbehave/schema'

/**
 * `SVC`: the services. `FLOW`: the streams, with JetStream's own subjects, and the lines to sites. `APPS`: who publishes flows, events and
 * stats, and reads them; it knows of JetStream what `FLOW` offers it. `INGEST`: writes to services. `OPS`: operators. `SYS`: the server's own.
 */
export type Account = 'SYS' | 'SVC' | 'FLOW' | 'APPS' | 'INGEST' | 'OPS'

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
  readonly account: Account
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
      return app([`flows.raw.${subjectToken(site)}`, 'events.exporter.*', `stats.collector.${site}.*`], ['stats-ask'])
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
        // What the stream of raw flows copies from are the sites.
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

/**
 * What passes the line between a site's server and the hub. From the site: what the hub's streams copy from its streams, on subjects that
 * no other site may publish to, how its collectors are, and the question which of its flows came last. To the site: the orders to deliver.
 */
function linksSite(site: string): RoleSpec {
  const { domain, flows, events } = siteNames(site)
  const copies = [flows, events]
  return {
    account: 'FLOW',
    publish: [
      '$JSC.R.>',
      ...copies.map(({ deliver }) => `${deliver}.>`),
      `stats.collector.${site}.*`,
      `$JS.${HUB_DOMAIN}.API.DIRECT.GET.FLOWS_RAW.${flows.subject}`,
    ],
    subscribe: [
      ...copies.flatMap(({ name }) => [
        `$JS.${domain}.API.CONSUMER.CREATE.${name}`,
        `$JS.${domain}.API.CONSUMER.CREATE.${name}.>`,
        `$JS.FC.${name}.>`,
      ]),
      'stats-ask',
      `_INBOX.${roleKey('leaf', site)}.>`,
    ],
    isResponder: false,
  }
}

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
