// The real exporter: softflowd (1.1.0 was studied) reads a capture and sends what it saw as NetFlow 5, 9 or IPFIX.
// In: packets, version, collector. Out: the flows that it must have sent. Fails: Error with softflowd's own words.
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Packet } from './packets.ts'
import { type ExpectedFlow, encodePcap, expectedFlows, flowKey } from './pcap.ts'

export type ExportVersion = 5 | 9 | 10

/**
 * How far softflowd's own clocks may put a flow from its packets, in ms, earlier and later.
 * It says boot time + 32-bit uptime (before the boot here: a capture is older than the process).
 * - 5: header in ms, but its clock is read up to some ms after the boot time that the uptimes are counted from
 * - 9: the header has whole seconds only (RFC 3954 §5.1), so up to a second early
 * - 10: boot time in ms as systemInitTimeMilliseconds in an options record; uptimes are cut to ms
 */
export const CLOCK_TOLERANCE_MS: Readonly<Record<ExportVersion, { early: number; late: number }>> = {
  5: { early: 1, late: 250 },
  9: { early: 1001, late: 250 },
  10: { early: 2, late: 2 },
}

/** Runs softflowd to its end; resolves when it has sent everything. `within`: a program that runs it elsewhere, with its arguments. */
export async function runSoftflowd(
  packets: readonly Packet[],
  version: ExportVersion,
  to: string,
  within: readonly string[] = [],
): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'netbehave-softflowd-'))
  try {
    const file = join(dir, 'packets.pcap')
    await writeFile(file, encodePcap(packets))
    const args = ['-d', '-r', file, '-n', to, '-v', String(version), '-p', join(dir, 'pid'), '-c', 'none']
    const [program, ...programArgs] = [...within, 'softflowd', ...args]
    const child = spawn(program!, programArgs, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 30_000 })
    let words = ''
    child.stderr.on('data', (bytes: Buffer) => {
      words += bytes.toString()
    })
    const code = await new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    if (code !== 0) throw new Error(`softflowd ended with ${code}: ${words}`)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/**
 * What softflowd makes of packets. It tracks both directions of a conversation as one and gives each record the times of
 * both; echo and reply differ in their ports, so pings stay apart. NetFlow 5 has no IPv6.
 */
export function softflowdFlows(packets: readonly Packet[], version: ExportVersion): ExpectedFlow[] {
  const flows = expectedFlows(packets).filter((flow) => version !== 5 || !flow.srcIp.includes(':'))
  const byKey = new Map(flows.map((flow) => [flowKey(flow), flow]))
  return flows.map((flow) => {
    const { srcIp, dstIp, srcPort, dstPort } = flow
    const back = byKey.get(flowKey({ ...flow, srcIp: dstIp, dstIp: srcIp, srcPort: dstPort, dstPort: srcPort }))
    if (back === undefined) return flow
    return {
      ...flow,
      firstMs: Math.min(flow.firstMs, back.firstMs),
      lastMs: Math.max(flow.lastMs, back.lastMs),
    }
  })
}
