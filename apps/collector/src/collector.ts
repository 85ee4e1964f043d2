// The line of steps: listen ▸ decode ▸ normalise ▸ denat ▸ publish.
import { randomUUID } from 'node:crypto'
import type { Publisher } from '@netbehave/broker'
import {
  type AdoptResult,
  createDecoder,
  type Decoder,
  PROBLEM_SENTENCES,
  PROBLEMS,
  type ProblemCounts,
} from '@netbehave/netflow'
import { type CollectorReport, FlowBatchBuilder, ReusedMemory } from '@netbehave/schema'
import type { LimitedLog, Log } from '@netbehave/service'
import { type AllowList, parseAllowList } from './allow-list.ts'
import type { CollectorConfig } from './config.ts'
import { denat } from './denat.ts'
import { type Listener, listen, parseListenAddress } from './listen.ts'
import type { CollectorCounters } from './metrics.ts'
import { NatTable } from './nat-table.ts'
import { parseNetworks } from './networks.ts'
import { normalise } from './normalise.ts'
import { createBatchSender } from './publish.ts'

export interface CollectorNeighbours {
  readonly publisher: Publisher
  readonly counters: CollectorCounters
  readonly log: Log
  readonly limitedLog: LimitedLog
  readonly now: () => number
}

export interface Collector extends AsyncDisposable {
  readonly decoder: Decoder
  readonly natTable: NatTable
  /** Opens the sockets. Throws OperatorError. Returns the bound addresses. */
  start(): Promise<readonly string[]>
  /** Hands the flows collected so far to the publisher. */
  flush(): void
  report(): CollectorReport
  readKernelDrops(): Promise<void>
  /** Templates that data waits for, out of what another collector saved (template-file.ts). */
  adoptTemplates(saved: unknown): AdoptResult
}

export function createCollector(
  config: CollectorConfig & { site: string; instance: string },
  { publisher, counters, log, limitedLog, now }: CollectorNeighbours,
): Collector {
  const networks = parseNetworks(config.networks)
  const isAllowed: AllowList = parseAllowList(config.allow)
  const natTable = new NatTable(config.natPairs, config.natTimeoutMs)
  const decoder = createDecoder({ plausibleMs: config.clockSkewMs }, { learnExportTime: true })
  const batch = new FlowBatchBuilder()
  const memory = new ReusedMemory()
  const name = `${config.site}-${config.instance}`
  const send = createBatchSender(publisher, config.site, `${name}-${randomUUID()}`)
  const from = { ip: '', port: 0 }
  let seq = 0
  let receivedMs = 0
  let linger: NodeJS.Timeout | undefined
  let listener: Listener | undefined

  function onDatagram(datagram: Uint8Array, ip: string, port: number): void {
    counters.datagrams++
    counters.bytes += datagram.length
    if (!isAllowed(ip)) {
      counters.refused++
      limitedLog(
        'refused',
        { exporter: ip },
        `datagram from ${ip} dropped: that exporter is not in collector.allow; add it there if it shall be listened to`,
      )
      return
    }
    receivedMs = now()
    from.ip = ip
    from.port = port
    const result = decoder.decode(datagram, from, receivedMs, batch, flush)
    if (result.problemCount > 0) countProblems(result.problems, ip)
    sendSoon()
  }

  function sendSoon(): void {
    if (batch.full) flush()
    else if (batch.length > 0) linger ??= setTimeout(flush, config.lingerMs)
  }

  function countProblems(problems: ProblemCounts, ip: string): void {
    for (const problem of PROBLEMS) {
      if (problems[problem] === 0) continue
      counters.problems[problem] += problems[problem]
      const sentence = `datagram from ${ip}: ${problem}: ${PROBLEM_SENTENCES[problem]}`
      limitedLog(`problem ${problem}`, { step: 'decode', exporter: ip, problem }, sentence)
    }
  }

  function flush(): void {
    clearTimeout(linger)
    linger = undefined
    if (batch.length === 0) return
    counters.flows += batch.length
    counters.batches++
    normalise(batch, networks)
    denat(batch, natTable, networks, config.denat, counters.denat)
    memory.reset()
    send(batch.seal({ site: config.site, collector: name, seq: ++seq, received: receivedMs }, memory))
  }

  return {
    decoder,
    natTable,
    flush,
    async start() {
      listener = await listen(config.listen.map(parseListenAddress), config, onDatagram, log)
      return listener.sockets.map(({ address }) => address)
    },
    report: () => ({ listening: [...(listener?.sockets ?? [])], exporters: decoder.reports() }),
    readKernelDrops: async () => listener?.readKernelDrops(),
    adoptTemplates(saved) {
      receivedMs = now()
      const result = decoder.adoptState(saved, receivedMs, batch, flush)
      sendSoon()
      return result
    },
    async [Symbol.asyncDispose]() {
      await listener?.[Symbol.asyncDispose]()
      flush()
    },
  }
}
