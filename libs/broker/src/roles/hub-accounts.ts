// The `accounts` block of nats-server's configuration, as JSON, which nats-server reads. In: public keys by role. Out: the block.
import { CONSUMERS, STREAMS, siteNames } from '@netbehave/schema'
import {
  type Account,
  LEVELS,
  type Level,
  ROLE_NAMES,
  type Role,
  roleKey,
  roleSpec,
  SERVICES,
  type SiteAccount,
} from './roles.ts'
import { siteAccount, siteReports, siteServices } from './site-accounts.ts'
import { appsImports, streamAccount, streamServices } from './stream-account.ts'

/** Public key (`U…`) of a role's key, or a variable of the environment (`$NK_ENRICHER`). */
export type PublicKeyOf = (key: string) => string

interface AccountBlock {
  users: object[]
  jetstream?: 'enabled'
  imports?: object[]
  exports?: object[]
}

/** The key before it, while both are good: the same, or undefined. */
export type FormerKeyOf = (key: string) => string | undefined

/** `NK_COLLECTOR_HOME`: the variable of the environment with a role's public key. */
export const publicKeyVariable = (key: string): string => `NK_${key.toUpperCase().replaceAll('-', '_')}`

/** Keys of all roles for these sites, in the order of the table. */
export const roleKeys = (sites: readonly string[]): string[] => [
  ...new Set(ROLE_NAMES.flatMap((role) => sites.map((site) => roleKey(role, site)))),
]

/**
 * All accounts with their users, what they offer each other and what they take. `leafSites` are those whose own servers connect to the
 * hub; the collectors of `sites` connect to it themselves.
 */
export function hubAccounts(
  sites: readonly string[],
  publicKeyOf: PublicKeyOf,
  leafSites: readonly string[] = [],
  formerKeyOf: FormerKeyOf = () => undefined,
): Record<Account | SiteAccount, AccountBlock> {
  const streams = streamServices(
    Object.values(STREAMS).flatMap(({ subjects }) => subjects),
    Object.values(CONSUMERS),
  )
  const usersOf = (account: Account): object[] => {
    const users = new Map<string, object[]>()
    for (const role of ROLE_NAMES)
      for (const site of sites)
        if (roleSpec(role, site).account === account) users.set(roleKey(role, site), usersFor(role, site))
    return [...users.values()].flat()
  }
  const usersFor = (role: Role, site: string): object[] => {
    const key = roleKey(role, site)
    return [publicKeyOf(key), formerKeyOf(key)].flatMap((nkey) => (nkey === undefined ? [] : userOf(role, site, nkey)))
  }
  return {
    SYS: { users: usersOf('SYS') },
    SVC: {
      users: usersOf('SVC'),
      exports: [
        ...subjectsByLevel().map(({ subject, level }) => ({ service: subject, accounts: LEVELS[level] })),
        { service: '$SRV.>', response_type: 'stream', accounts: ['OPS'] },
        { stream: 'stats.>', accounts: ['APPS'] },
      ],
      imports: [{ stream: { account: 'APPS', subject: 'stats-ask' } }],
    },
    FLOW: {
      users: usersOf('FLOW'),
      ...streamAccount(streams, leafSites.flatMap(siteServices)),
    },
    APPS: {
      users: usersOf('APPS'),
      exports: [{ stream: 'stats-ask', accounts: ['SVC', ...leafSites.map((site) => siteNames(site).account)] }],
      imports: [
        ...importsOf('APPS'),
        ...appsImports(streams),
        { stream: { account: 'SVC', subject: 'stats.>' } },
        ...leafSites.flatMap(siteReports),
      ],
    },
    INGEST: { users: usersOf('INGEST'), imports: importsOf('INGEST') },
    OPS: {
      users: usersOf('OPS'),
      imports: [...importsOf('OPS'), { service: { account: 'SVC', subject: '$SRV.>' } }],
    },
    ...Object.fromEntries(
      leafSites.map((site) => [siteNames(site).account, { users: usersFor('leaf', site), ...siteAccount(site) }]),
    ),
  }
}

const subjectsByLevel = (): { subject: string; level: Level }[] =>
  (Object.keys(LEVELS) as Level[]).flatMap((level) =>
    SERVICES.map((service) => ({ subject: `${service}.${level}.>`, level })),
  )

const importsOf = (account: Account): object[] =>
  subjectsByLevel()
    .filter(({ level }) => (LEVELS[level] as readonly Account[]).includes(account))
    .map(({ subject }) => ({ service: { account: 'SVC', subject } }))

export function userOf(role: Role, site: string, nkey: string): object {
  const { publish, subscribe, isResponder } = roleSpec(role, site)
  if (publish === undefined && subscribe === undefined) return { nkey }
  return {
    nkey,
    permissions: {
      ...(publish && { publish: { allow: publish } }),
      ...(subscribe && { subscribe: { allow: subscribe } }),
      ...(isResponder && { allow_responses: { max: 1, expires: '30s' } }),
    },
  }
}
