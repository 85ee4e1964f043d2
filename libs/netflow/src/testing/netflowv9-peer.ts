// node-netflowv9, the second opinion (a development dependency, GPL-2.0, never shipped): decodes NetFlow 1, 5, 7 and 9 into an
// object for each flow, under its own names of fields.
import { createRequire } from 'node:module'

export type PeerFlow = Record<string, unknown>

export interface NetflowV9Peer {
  /** Throws on what it cannot read; does not return from some ill-formed datagrams. Well-formed ones only. */
  decode(datagram: Buffer): PeerFlow[]
}

interface Package {
  nfPktDecode(datagram: Buffer, source: { address: string; port: number }): { flows: PeerFlow[] }
}

/** A decoder with templates of its own. The socket that it creates is never bound. */
export function createNetflowV9Peer(): NetflowV9Peer {
  const require = createRequire(import.meta.url)
  const NetFlowV9 = require('node-netflowv9') as new (callback: () => void) => Package
  const decoder = new NetFlowV9(() => {})
  const source = { address: '192.0.2.1', port: 2055 }
  return { decode: (datagram) => decoder.nfPktDecode(datagram, source).flows }
}
