// This host's addresses and the networks that it stands in, for whoever points a router here.
// In: its interfaces and, on Linux, its table of routes. Out: addresses, the likeliest for an exporter first.
import { readFileSync } from 'node:fs'
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'

export type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>

export interface HostNetworks {
  /** Without loopback and link-local ones. */
  readonly addresses: string[]
  /** IPv4 blocks, `192.168.1.0/24`; those of containers are left out. */
  readonly networks: string[]
  /** The interface that the default route leaves by; undefined: there is none, or it is not known here. */
  readonly outward: string | undefined
}

/** Interfaces that lead to containers and virtual machines, not to a router. */
const VIRTUAL = /^(docker|br-|veth|virbr|cni|flannel|tun|tap|wg|lo)/

/** What is known of the host that this runs on. */
export function thisHost(): HostNetworks {
  return describeHost(networkInterfaces(), readRoutes())
}

/**
 * A private address comes before a public one, IPv4 before IPv6, and of equals the one of the interface that the default route
 * leaves by: at its other end stands the router. `routes` is the text of /proc/net/route.
 */
export function describeHost(interfaces: Interfaces, routes = ''): HostNetworks {
  const outward = defaultInterface(routes)
  const all = Object.entries(interfaces).flatMap(([name, infos = []]) => infos.map((info) => ({ name, ...info })))
  const usable = all.filter(({ internal, address }) => !internal && !/^fe80:/i.test(address))
  const rank = ({ name, family, address }: (typeof usable)[number]) =>
    (VIRTUAL.test(name) ? 8 : 0) +
    (family === 'IPv4' ? 0 : 4) +
    (isPrivate(address) ? 0 : 2) +
    (name === outward || outward === undefined ? 0 : 1)
  const best = usable.toSorted((a, b) => rank(a) - rank(b))
  const networks = best
    .filter(({ name, cidr, family }) => !VIRTUAL.test(name) && cidr && family === 'IPv4')
    .map(({ cidr }) => networkOf(cidr!))
  return { addresses: [...new Set(best.map(({ address }) => address))], networks: [...new Set(networks)], outward }
}

/** The interface of the default route with the lowest metric. Columns: interface, destination, gateway, flags, …, metric (7th). */
function defaultInterface(routes: string): string | undefined {
  const defaults = routes
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, destination, , , , , , mask]) => destination === '00000000' && mask === '00000000')
  return defaults.toSorted((a, b) => Number(a[6]) - Number(b[6]))[0]?.[0]
}

function readRoutes(): string {
  try {
    return readFileSync('/proc/net/route', 'utf8')
  } catch {
    return '' // not Linux: the order of the interfaces has to do
  }
}

const isPrivate = (address: string): boolean => /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|f[cd])/i.test(address)

/** `192.168.1.7/24` → `192.168.1.0/24`. */
function networkOf(cidr: string): string {
  const [address = '', bits = '32'] = cidr.split('/')
  const mask = Number(bits) === 0 ? 0 : (0xffff_ffff << (32 - Number(bits))) >>> 0
  const number = (address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0) & mask) >>> 0
  return `${[24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.')}/${bits}`
}
