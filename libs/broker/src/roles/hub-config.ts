// The whole configuration of the hub's nats-server: what `netbehave up` starts and what `netbehave broker init` writes.
// In: sites, public keys, addresses. Out: text without a secret.
import { HUB_DOMAIN } from '@netbehave/schema'
import { type FormerKeyOf, hubAccounts, type PublicKeyOf } from './hub-accounts.ts'
import {
  configText,
  type JetStreamSettings,
  jetStreamBlock,
  listenAddress,
  SIGN_IN_S,
  serverSettings,
  type TlsFiles,
  tlsBlock,
} from './server-config.ts'

export interface HubOptions {
  /** Sites whose collectors connect to the hub itself. */
  readonly sites: readonly string[]
  /** Sites whose own servers connect to the hub. */
  readonly leafSites?: readonly string[]
  readonly publicKeyOf: PublicKeyOf
  readonly formerKeyOf?: FormerKeyOf
  /** HOST:PORT for apps; port 0: any free one. */
  readonly listen: string
  /** HOST:PORT for the leaf servers of sites; absent: none may connect. */
  readonly leafListen?: string
  /** HOST:PORT that leaf servers are told to come back to, where the hub is behind NAT. */
  readonly advertise?: string
  /** HOST:PORT of the monitoring pages; loopback only, they know no access control. */
  readonly http?: string
  /** For apps, leaf servers and the cluster; absent: plain text, for loopback only. */
  readonly tls?: TlsFiles
  /** For leaf servers alone, where apps are on this machine. */
  readonly leafTls?: TlsFiles
  readonly jetstream: Omit<JetStreamSettings, 'domain'>
  readonly cluster?: ClusterOptions
  /** Unique in a cluster. */
  readonly name?: string
  /** Folder for log and ports file; absent: the log goes to stderr. */
  readonly dir?: string
  /** Files beside it with the variables that `publicKeyOf` names. */
  readonly include?: readonly string[]
}

export interface ClusterOptions {
  readonly name: string
  /** HOST:PORT for the other servers. */
  readonly listen: string
  /** `nats-route://HOST:PORT` of the other servers. */
  readonly routes: readonly string[]
}

export function hubConfig(options: HubOptions): string {
  const { name = 'hub', listen, leafListen, advertise, http, dir, tls, leafTls = tls, cluster } = options
  return configText(
    {
      ...serverSettings({ name, listen, ...(http && { http }), ...(dir && { dir }), ...(tls && { tls }) }),
      jetstream: jetStreamBlock({ ...options.jetstream, domain: HUB_DOMAIN }),
      accounts: hubAccounts(options.sites, options.publicKeyOf, options.leafSites, options.formerKeyOf),
      system_account: 'SYS',
      authorization: { timeout: SIGN_IN_S },
      ...(leafListen && {
        leafnodes: {
          listen: listenAddress(leafListen),
          ...(advertise && { advertise }),
          ...(leafTls && { tls: tlsBlock(leafTls) }),
        },
      }),
      ...(cluster && { cluster: clusterBlock(cluster, tls) }),
    },
    { head: HEAD, include: options.include ?? [] },
  )
}

const HEAD = [
  "nats-server of NetBehave's hub: accounts and permissions of every role (docs/subjects.md).",
  'Written by netbehave; the next run writes it anew. No secret is in it.',
]

/** Servers of one cluster show each other a certificate of the CA: a route may do everything. */
const clusterBlock = ({ name, listen, routes }: ClusterOptions, tls: TlsFiles | undefined): object => ({
  name,
  listen: listenAddress(listen),
  routes,
  ...(tls && { tls: { ...tlsBlock(tls), ...(tls.ca && { ca_file: tls.ca }), verify: true } }),
})
