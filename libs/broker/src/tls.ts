// TLS towards the broker, as the client takes it. In: addresses, a file with the CA. Fails: KeyError when the file cannot be read.
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import type { TlsOptions } from '@nats-io/transport-node'
import { KeyError } from './roles/keys.ts'

/**
 * Undefined: plain text, unless the server asks for TLS. With a CA, or an address that begins with `tls://`, a server that
 * offers none is refused.
 */
export function tlsOptions(servers: readonly string[], caFile: string): TlsOptions | undefined {
  if (caFile === '' && !servers.some((server) => server.startsWith('tls://'))) return undefined
  const addresses = servers.map(hostOf).filter((host) => isIP(host) !== 0)
  const identity = {
    // For an address the client names no host, and Node would then look for "localhost" in the certificate.
    checkServerIdentity: (host: string, certificate: PeerCertificate) =>
      addresses.length === 0 || servers.map(hostOf).includes(host)
        ? checkServerIdentity(host, certificate)
        : firstMatch(addresses, certificate),
  }
  return { ...(caFile !== '' && { ca: readCa(caFile) }), ...identity }
}

const firstMatch = (addresses: readonly string[], certificate: PeerCertificate): Error | undefined => {
  const faults = addresses.map((address) => checkServerIdentity(address, certificate))
  return faults.includes(undefined) ? undefined : faults[0]
}

/** Host of `tls://host:4222`, `host:4222` or `host`. */
function hostOf(server: string): string {
  const { hostname } = new URL(server.includes('://') ? server : `nats://${server}`)
  return hostname.replace(/^\[|\]$/g, '')
}

function readCa(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'is not there' : `(${(error as Error).message})`
    throw new KeyError(`the CA ${path} ${why}: copy tls/ca.pem from the hub's folder and name it in brokerCa`, {
      cause: error,
    })
  }
}
