// deploy/nats/: the configuration of the hub's broker and of a site's, as `broker init` and `up --site` write them, with variables in
// place of keys. They are to be read; what runs is written anew for every installation.
import { hubConfig, leafConfig, publicKeyVariable } from '@netbehave/broker'

const MIB = 1024 * 1024
const publicKeyOf = (key: string): string => `$${publicKeyVariable(key)}`

const exampleOf = (how: string, text: string): string =>
  `# Example, written by scripts/generate-docs.ts. ${how} writes one with the keys of an installation.\n${text}`

/** A hub with collectors of its own (site home), one site with a server of its own (branch), TLS, monitoring on loopback. */
export function hubExample(): string {
  const tls = { cert: '/broker/tls/hub.pem', key: '/broker/tls/hub.key', ca: '/broker/tls/ca.pem' }
  const text = hubConfig({
    ...{
      sites: ['home'],
      leafSites: ['branch'],
      publicKeyOf,
      tls,
      http: '127.0.0.1:8222',
      include: ['./public-keys.env'],
    },
    ...{ listen: '0.0.0.0:4222', leafListen: '0.0.0.0:7422', advertise: 'hub.example.net:7422' },
    jetstream: { storeDir: '/data/jetstream', maxFileBytes: 4096 * MIB },
  })
  return exampleOf('`netbehave broker init`', text)
}

/** The server of site branch, beside its collectors. */
export function leafExample(): string {
  const dir = '/var/lib/netbehave/nats'
  const text = leafConfig({
    ...{ site: 'branch', hub: 'hub.example.net:7422', ca: `${dir}/ca.pem`, seed: '$NK_SITE_SEED', publicKeyOf },
    ...{ listen: '127.0.0.1:4222', dir, jetstream: { storeDir: `${dir}/jetstream`, maxFileBytes: 1024 * MIB } },
  })
  return exampleOf('`netbehave up --site`', text)
}
