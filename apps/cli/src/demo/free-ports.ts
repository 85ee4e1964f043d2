// The usual ports where they are free, else any.
import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'

const HOST = '127.0.0.1'

/** `127.0.0.1:PORT`, or `127.0.0.1:0` when somebody has that port. */
export async function udpOrAny(port: number): Promise<string> {
  const socket = createSocket('udp4')
  const isFree = await new Promise<boolean>((resolve) => {
    socket.once('error', () => resolve(false))
    socket.bind({ port, address: HOST, exclusive: true }, () => resolve(true))
  })
  socket.close()
  return `${HOST}:${isFree ? port : 0}`
}

export async function tcpOrAny(port: number): Promise<string> {
  const server = createServer()
  const isFree = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, HOST, () => resolve(true))
  })
  if (isFree) await new Promise((resolve) => server.close(resolve))
  return `${HOST}:${isFree ? port : 0}`
}
