// So many connections from one address at once, so that whoever opens all that there are shuts nobody else out. In: a server. Proxies
// that are listed bring many people and are not counted. Fails: never; a connection over the limit is closed before anything is read.
import type { Server, Socket } from 'node:net'
import { type IsProxy, networkOf, plainAddress } from './peer.ts'

export interface ConnectionLimit {
  /** IPv6: of one /64. */
  readonly perAddress: number
  readonly isProxy: IsProxy
  readonly onDropped: () => void
}

export function limitConnections(server: Server, { perAddress, isProxy, onDropped }: ConnectionLimit): void {
  /** Open connections; an address without any is not in it, so it is bounded by the connections that the server takes. */
  const open = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const address = plainAddress(socket.remoteAddress ?? '')
    if (isProxy(address)) return
    const key = networkOf(address)
    const count = (open.get(key) ?? 0) + 1
    if (count > perAddress) {
      onDropped()
      socket.destroy()
      return
    }
    open.set(key, count)
    socket.once('close', () => {
      const left = open.get(key)! - 1
      if (left > 0) open.set(key, left)
      else open.delete(key)
    })
  })
}
