// A sender of NetFlow 5 as a program of its own, so that it can run in a network namespace: `node paced-exporter.ts HOST:PORT FLOWS RATE`
// sends the flows 0 to FLOWS - 1, RATE a second, and prints `sent`. What flow k is: `pacedFlow`.
import { createSocket } from 'node:dgram'
import { fileURLToPath } from 'node:url'
import { type NumberedFlow, numberedDatagram, numberedFlow, V5_RECORDS } from './numbered-flows.ts'

/** Flow k. No other has its bytes, so sums of bytes and packets show a flow that is there twice in the place of one that is not. */
export const pacedFlow = (k: number): NumberedFlow => ({
  ...numberedFlow(k),
  bytes: 1000 + k,
  packets: 1 + (k % 1009),
  agoMs: 0,
})

export const PACED_EXPORTER = fileURLToPath(import.meta.url)

const EVERY_MS = 20

async function send(to: string, flows: number, rate: number): Promise<void> {
  const socket = createSocket({ type: 'udp4' })
  const [host, port] = to.split(':')
  const beganAt = performance.now()
  for (let sent = 0; sent < flows; ) {
    const due = Math.min(flows, ((performance.now() - beganAt) / 1000) * rate)
    for (; sent < due; sent += V5_RECORDS)
      socket.send(numberedDatagram(sent, Date.now(), pacedFlow), Number(port), host)
    // Pacing, not waiting for something to happen.
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
  }
  socket.close()
  process.stdout.write('sent\n')
}

if (process.argv[1] === PACED_EXPORTER) {
  const [, , to, flows, rate] = process.argv
  await send(to!, Number(flows), Number(rate))
}
