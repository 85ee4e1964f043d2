// The demo's router as an exporter: flows go to the collector as IPFIX datagrams, at a bounded rate. Fails: the system's error.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { HostPort } from '../listen-address.ts'
import { wait } from '../up/wait.ts'
import type { DemoFlow } from './conversation.ts'
import { createIpfixWriter, FLOWS_IN_DATAGRAM } from './ipfix.ts'

/** Flows a second at most: so much that the past is soon there, and a small box has room for the rest. */
export const MOST_PER_SECOND = 8_000
/** Datagrams sent at once. */
const BURST = 20

export interface Exporter extends Disposable {
  /** Returns when all are sent, or when told to stop. */
  send(flows: readonly DemoFlow[], stop: AbortSignal): Promise<void>
}

export async function createExporter(to: HostPort, now: () => number): Promise<Exporter> {
  const socket = createSocket('udp4')
  socket.connect(to.port, to.host)
  await once(socket, 'connect')
  socket.on('error', () => {}) // the collector is being started again: as with a router, what is sent meanwhile is lost and counted
  const writer = createIpfixWriter()
  return {
    async send(flows, stop) {
      const startedAt = performance.now()
      for (let sent = 0; sent < flows.length && !stop.aborted; ) {
        for (let i = 0; i < BURST && sent < flows.length; i++, sent += FLOWS_IN_DATAGRAM) {
          const datagram = writer.write(flows.slice(sent, sent + FLOWS_IN_DATAGRAM), now())
          await new Promise((resolve) => socket.send(datagram, resolve))
        }
        const waitMs = startedAt + (sent * 1000) / MOST_PER_SECOND - performance.now()
        if (sent < flows.length && waitMs > 1) await wait(waitMs, stop)
      }
    },
    [Symbol.dispose]() {
      socket.close()
    },
  }
}
