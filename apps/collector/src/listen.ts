// Step listen: UDP sockets. In: addresses. Out: datagrams, each with the exporter's address. Fails: OperatorError when an
// address cannot be had; after that a socket's errors are counted by the kernel's drop column and logged.
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { parseAddressBytes } from '@netbehave/schema'
import { EXIT_UNAVAILABLE, type Log, OperatorError } from '@netbehave/service'

export interface ListenAddress {
  host: string
  port: number
}

/** `HOST:PORT` or `[HOST]:PORT`. Throws one sentence. */
export function parseListenAddress(text: string): ListenAddress {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text)
  const host = match?.[1] ?? match?.[2] ?? ''
  const port = Number(match?.[3])
  if (!match || port > 65_535)
    throw new Error(`"${text}" is no listen address; write for example 0.0.0.0:2055 or [::]:2055`)
  if (host !== 'localhost' && isIP(host) === 0)
    throw new Error(`"${text}": the host must be an IP address of this machine, 0.0.0.0 or [::]`)
  return { host: host === 'localhost' ? '127.0.0.1' : host, port }
}

export interface ListeningSocket {
  /** The bound address as `HOST:PORT`. */
  readonly address: string
  /** Bytes of the receive buffer that the kernel gave. */
  readonly receiveBufferBytes: number
  /** Datagrams that the kernel dropped because the buffer was full; null where the kernel does not tell. */
  kernelDrops: number | null
}

export interface Listener extends AsyncDisposable {
  readonly sockets: readonly ListeningSocket[]
  /** Reads the kernel's drop counters anew. */
  readKernelDrops(): Promise<void>
}

/** The exporter is given as the address alone, IPv4 also on an IPv6 socket, and its port. */
export type OnDatagram = (datagram: Uint8Array, ip: string, port: number) => void

export interface ListenOptions {
  readonly receiveBufferBytes: number
  /** Other collectors listen on the same addresses: the kernel gives each datagram to one of them, by both addresses and ports. */
  readonly sharePorts: boolean
}

export async function listen(
  addresses: readonly ListenAddress[],
  { receiveBufferBytes, sharePorts }: ListenOptions,
  onDatagram: OnDatagram,
  log: Log,
): Promise<Listener> {
  const opened: { socket: Socket; inode: number | undefined; info: ListeningSocket }[] = []
  const close = () =>
    Promise.all(opened.map(({ socket }) => new Promise<void>((resolve) => socket.close(() => resolve()))))
  try {
    for (const address of addresses) {
      const others = new Set((await readSocketTable()).map(({ inode }) => inode))
      const socket = await bind(address, receiveBufferBytes, sharePorts)
      socket.on('message', (datagram: Buffer, from: RemoteInfo) =>
        onDatagram(datagram, exporterIp(from.address), from.port),
      )
      socket.on('error', (error) => log.error({ err: error }, `listening failed: ${error.message}`))
      const { address: host, port, family } = socket.address()
      const got = receiveBufferOf(socket)
      const info = {
        address: family === 'IPv6' ? `[${host}]:${port}` : `${host}:${port}`,
        receiveBufferBytes: got,
        kernelDrops: null,
      }
      // On a shared port several rows have this address; which is ours is seen now or never.
      const ours = (await readSocketTable()).filter(
        (row) => row.local === dropKey(host, port) && !others.has(row.inode),
      )
      opened.push({ socket, inode: ours.length === 1 ? ours[0]!.inode : undefined, info })
      if (got < receiveBufferBytes) {
        log.warn(
          { address: info.address, asked: receiveBufferBytes, got },
          `the kernel gave a receive buffer of ${got} bytes where ${receiveBufferBytes} were asked; bursts may be lost: raise it with "sysctl -w net.core.rmem_max=${receiveBufferBytes}"`,
        )
      }
    }
  } catch (error) {
    await close()
    throw error
  }
  return {
    sockets: opened.map(({ info }) => info),
    async readKernelDrops() {
      const table = await readSocketTable()
      for (const { inode, info } of opened) info.kernelDrops = table.find((row) => row.inode === inode)?.drops ?? null
    },
    async [Symbol.asyncDispose]() {
      await close()
    },
  }
}

async function bind({ host, port }: ListenAddress, recvBufferSize: number, reusePort: boolean): Promise<Socket> {
  const isV6 = host.includes(':')
  const socket = createSocket({ type: isV6 ? 'udp6' : 'udp4', ipv6Only: isV6, recvBufferSize, reusePort })
  return new Promise((resolve, reject) => {
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close()
      reject(new OperatorError(describeBindFault(error, host, port), { cause: error, exitCode: EXIT_UNAVAILABLE }))
    })
    socket.bind(port, host, () => {
      socket.removeAllListeners('error')
      resolve(socket)
    })
  })
}

function describeBindFault(error: NodeJS.ErrnoException, host: string, port: number): string {
  const where = `UDP ${host.includes(':') ? `[${host}]` : host}:${port}`
  if (error.code === 'EADDRINUSE')
    return `cannot listen on ${where}: another program has this port; stop it or choose another with --listen`
  if (error.code === 'EADDRNOTAVAIL')
    return `cannot listen on ${where}: this machine does not have that address; use one of its own or 0.0.0.0`
  if (error.code === 'ENOTSUP')
    return `cannot share ${where}: this system does not spread datagrams over several programs; run one collector (collector.sharePorts: false)`
  if (error.code === 'EACCES') return `cannot listen on ${where}: not permitted; use a port from 1024 up`
  return `cannot listen on ${where}: ${error.message}`
}

/** Linux answers with twice the size, for its own book-keeping (socket(7)); what holds datagrams is half of it. */
const receiveBufferOf = (socket: Socket): number =>
  process.platform === 'linux' ? socket.getRecvBufferSize() / 2 : socket.getRecvBufferSize()

/** `::ffff:192.0.2.1` is the IPv4 exporter 192.0.2.1, whichever socket it came in by. */
const exporterIp = (address: string): string =>
  address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address

export interface SocketRow {
  /** `HEXADDRESS:HEXPORT`. */
  readonly local: string
  readonly inode: number
  /** Datagrams that did not fit into the receive buffer. */
  readonly drops: number
}

/** The UDP sockets of this network namespace; empty where there is no such file. */
async function readSocketTable(): Promise<SocketRow[]> {
  const read = (path: string) => readFile(path, 'latin1').catch(() => '')
  const tables = await Promise.all(['/proc/net/udp', '/proc/net/udp6'].map(read))
  return tables.flatMap(parseSocketTable)
}

/** Rows of /proc/net/udp(6): `sl local_address rem_address st queues tr retrnsmt uid timeout inode ref pointer drops`. */
export function parseSocketTable(table: string): SocketRow[] {
  return table
    .split('\n')
    .slice(1)
    .flatMap((line): SocketRow[] => {
      const columns = line.trim().split(/\s+/)
      if (columns.length < 13) return []
      return [{ local: columns[1]!, inode: Number(columns[9]), drops: Number(columns.at(-1)) }]
    })
}

/** The local address as the kernel prints it: 32-bit words in host order (little endian here), upper-case hex. */
export function dropKey(address: string, port: number): string {
  const bytes = addressBytes(address)
  let hex = ''
  for (let i = 0; i < bytes.length; i += 4)
    hex += Buffer.from(bytes.subarray(i, i + 4))
      .reverse()
      .toString('hex')
  return `${hex}:${port.toString(16).padStart(4, '0')}`.toUpperCase()
}

function addressBytes(address: string): Uint8Array {
  const bytes = parseAddressBytes(address) ?? new Uint8Array(16)
  return address.includes(':') ? bytes : bytes.subarray(12)
}
