// This host's addresses and the networks that it stands in, for whoever sets up a first exporter. In: os.networkInterfaces().
import type { NetworkInterfaceInfo } from 'node:os'

/** Interfaces that lead to containers and virtual machines, not to a router. */
const VIRTUAL = /^(docker|br-|veth|virbr|cni|flannel|tun|tap|wg|lo)/

export function guessNetworks(interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>): {
  addresses: string[]
  networks: string[]
} {
  const all = Object.entries(interfaces).flatMap(([name, infos = []]) => infos.map((info) => ({ name, ...info })))
  const usable = all.filter(({ internal, address }) => !internal && !/^fe80:/i.test(address))
  const rank = ({ name, family, address }: (typeof usable)[number]) =>
    (VIRTUAL.test(name) ? 4 : 0) + (family === 'IPv4' ? 0 : 2) + (isPrivate(address) ? 0 : 1)
  const best = usable.toSorted((a, b) => rank(a) - rank(b))
  const networks = best
    .filter(({ name, cidr, family }) => !VIRTUAL.test(name) && cidr && family === 'IPv4')
    .map(({ cidr }) => networkOf(cidr!))
  return { addresses: [...new Set(best.map(({ address }) => address))], networks: [...new Set(networks)] }
}

const isPrivate = (address: string): boolean => /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|f[cd])/i.test(address)

/** `192.168.1.7/24` → `192.168.1.0/24`. */
function networkOf(cidr: string): string {
  const [address = '', bits = '32'] = cidr.split('/')
  const mask = Number(bits) === 0 ? 0 : (0xffff_ffff << (32 - Number(bits))) >>> 0
  const number = (address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0) & mask) >>> 0
  return `${[24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.')}/${bits}`
}
