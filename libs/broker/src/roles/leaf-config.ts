// The whole configuration of a site's own nats-server: what `netbehave up --site` starts on the box beside the exporters. Collectors publish
// to it, it keeps what they send while the hub is away, and what it holds is forwarded over one line (docs/sites.md).
// In: the site, its key, the hub's address. Out: text, with the key in it: a file that only its owner may read.
import { siteNames } from '@netbehave/schema'
import { type PublicKeyOf, userOf } from './hub-accounts.ts'
import { type Role, roleKey } from './roles.ts'
import { configText, type JetStreamSettings, jetStreamBlock, SIGN_IN_S, serverSettings } from './server-config.ts'
import { appsImports, streamAccount, streamServices } from './stream-account.ts'

export interface LeafOptions {
  readonly site: string
  /** HOST:PORT of the hub's port for sites. */
  readonly hub: string
  /** File with the CA that signed the hub's certificate; absent: plain text, for tests on loopback only. */
  readonly ca?: string
  /** The site's key, `SU…`: with it the server signs in at the hub. */
  readonly seed: string
  readonly publicKeyOf: PublicKeyOf
  /** HOST:PORT for the site's apps; port 0: any free one. */
  readonly listen: string
  readonly dir: string
  readonly jetstream: Omit<JetStreamSettings, 'domain'>
}

/** Who connects to a site's server: its collectors, whoever looks, who keeps the streams, and who speaks to the hub. */
const SITE_ROLES = ['collector', 'analyst', 'flow-admin', 'leaf'] as const satisfies readonly Role[]

/** Keys of the roles at a site. That of the leaf comes from the hub, the others stay here. */
export const siteRoleKeys = (site: string): string[] => SITE_ROLES.map((role) => roleKey(role, site))

export function leafConfig({ site, hub, ca, seed, publicKeyOf, listen, dir, jetstream }: LeafOptions): string {
  const { domain, flows, events } = siteNames(site)
  const streams = streamServices([...flows.subjects, ...events.subjects], [])
  const keyOf = (role: Role) => publicKeyOf(roleKey(role, site))
  return configText(
    {
      ...serverSettings({ name: `site-${site}`, listen, dir }),
      jetstream: jetStreamBlock({ ...jetstream, domain }),
      accounts: {
        SYS: { users: [] },
        FLOW: { users: [userOf('flow-admin', site, keyOf('flow-admin'))], ...streamAccount(streams) },
        APPS: {
          users: [userOf('collector', site, keyOf('collector')), userOf('analyst', site, keyOf('analyst'))],
          exports: [{ stream: 'stats.>', accounts: ['LINE'] }],
          imports: [...appsImports(streams), { stream: { account: 'LINE', subject: 'stats-ask' } }],
        },
        // The line to the hub: apart from the streams, whose subjects are the hub's too.
        LINE: {
          users: [userOf('leaf', site, keyOf('leaf'))],
          exports: [{ stream: 'stats-ask', accounts: ['APPS'] }],
          imports: [{ stream: { account: 'APPS', subject: 'stats.>' } }],
        },
      },
      system_account: 'SYS',
      authorization: { timeout: SIGN_IN_S },
      leafnodes: {
        remotes: [
          {
            urls: [`${ca === undefined ? 'nats-leaf' : 'tls'}://${hub}`],
            account: 'LINE',
            nkey: seed,
            ...(ca !== undefined && { tls: { ca_file: ca, timeout: SIGN_IN_S } }),
          },
        ],
        reconnect: '2s',
      },
    },
    { head: HEAD },
  )
}

const HEAD = [
  "nats-server of a site: keeps flows until the hub has them. The site's key is in it: it is nobody else's to read.",
  'Written by netbehave; the next start writes it anew.',
]
