// A process that sends workload W to one UDP port: `node send-workload.ts PORT FLOWS_PER_SECOND SECONDS`. Ends by itself.
// Paced by the clock; when it fell behind it catches up by at most 20 ms' worth, so that a pause is no burst.
// Out: one JSON line, {"datagrams":N,"flows":N,"seconds":N}; the rate that it reached may be lower than the one asked for.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { restamp, WORKLOAD_W_RECORDS, workloadW } from '@netbehave/netflow/testing'

const [port = 0, flowsPerSecond = 0, seconds = 0] = process.argv.slice(2).map(Number)
if (!(port > 0 && flowsPerSecond > 0 && seconds > 0)) {
  process.stderr.write('usage: send-workload.ts PORT FLOWS_PER_SECOND SECONDS\n')
  process.exit(64)
}

const POOL = 4096
const TEMPLATE_EVERY = 4096
const CATCH_UP_MS = 20
const { template, datagrams: pool } = workloadW({ datagrams: POOL })
const socket = createSocket({ type: 'udp4', sendBufferSize: 1024 * 1024 })
socket.connect(port, '127.0.0.1')
await once(socket, 'connect')
// A port nobody listens on yet answers ICMP "unreachable"; that is the receiver's loss, not an error of ours.
socket.on('error', () => {})

const perMs = flowsPerSecond / WORKLOAD_W_RECORDS / 1000
const startMs = performance.now()
const endMs = startMs + seconds * 1000
let sequence = 0
let datagrams = 0
let owed = 0
let lastMs = startMs

function send(datagram: Buffer): void {
  restamp(datagram, Date.now(), sequence++)
  socket.send(datagram)
}

function turn(): void {
  const nowMs = performance.now()
  owed = Math.min(owed + (nowMs - lastMs) * perMs, CATCH_UP_MS * perMs)
  lastMs = nowMs
  for (; owed >= 1; owed--) {
    if (datagrams % TEMPLATE_EVERY === 0) send(template)
    send(pool[datagrams++ % POOL]!)
  }
  if (nowMs < endMs) setTimeout(turn, 1)
  else finish()
}

function finish(): void {
  // The close waits for what is still queued in the socket.
  socket.close(() => {
    const took = (performance.now() - startMs) / 1000
    process.stdout.write(`${JSON.stringify({ datagrams, flows: datagrams * WORKLOAD_W_RECORDS, seconds: took })}\n`)
  })
}

send(template)
turn()
