// Step normalise: the network of each side. In and out: the rows of a batch being built. Fails: never.
import { type AddressRows, type FlowBatchBuilder, IPV6_BYTES } from '@netbehave/schema'
import type { Networks } from './networks.ts'

/** Dictionary index of a network in every batch of this collector: its position + 1. */
export const networkIndex = (network: number): number => network + 1

/** Sets `srcNet` and `dstNet` of every row. */
export function normalise(batch: FlowBatchBuilder, networks: Networks): void {
  for (const name of networks.names) batch.dictionaries.net.add(name)
  findNetworks(batch.rows.srcIp, batch.rows.srcNet, batch.length, networks)
  findNetworks(batch.rows.dstIp, batch.rows.dstNet, batch.length, networks)
  batch.touch('srcNet')
  batch.touch('dstNet')
}

function findNetworks(addresses: AddressRows, found: Uint16Array, n: number, networks: Networks): void {
  const { v4 } = addresses
  if (!addresses.any6) {
    for (let i = 0; i < n; i++) found[i] = networks.ofIpv4(v4[i]!) + 1
    return
  }
  for (let i = 0; i < n; i++) found[i] = networkIndex(networkAt(addresses, i, networks))
}

/** The network of one row's address. */
export function networkAt(addresses: AddressRows, i: number, networks: Networks): number {
  return addresses.is6[i] ? networks.ofIpv6(addresses.v6, i * IPV6_BYTES) : networks.ofIpv4(addresses.v4[i]!)
}
