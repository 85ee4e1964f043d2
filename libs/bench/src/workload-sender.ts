// The sender of workload W as a process of its own, so that its cost is nobody else's.
import { join } from 'node:path'
import { startNode } from './child.ts'

export interface SentWorkload {
  readonly datagrams: number
  readonly flows: number
  readonly seconds: number
}

/** Sends to 127.0.0.1:PORT for so many seconds. Throws with the sender's words when it fails. */
export async function sendWorkload(port: number, flowsPerSecond: number, seconds: number): Promise<SentWorkload> {
  await using sender = startNode(join(import.meta.dirname, 'send-workload.ts'), [
    String(port),
    String(flowsPerSecond),
    String(seconds),
  ])
  const code = await sender.ended
  if (code !== 0) throw new Error(`the sender ended with ${code}: ${sender.stderr}`)
  return JSON.parse(sender.stdout) as SentWorkload
}
