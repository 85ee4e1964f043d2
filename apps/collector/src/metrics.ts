// Every counter of the collector. The steps count in plain fields; the registry reads them when somebody looks.
import type { Broker, Publisher } from '@netbehave/broker'
import { type ProblemCounts, zeroProblems } from '@netbehave/netflow'
import { countConnections, metricsOf } from '@netbehave/service'
import type { Registry } from 'prom-client'
import type { Collector } from './collector.ts'
import type { DenatCounters } from './denat.ts'
import type { SilenceCounters } from './tell-silence.ts'

export interface CollectorCounters {
  datagrams: number
  bytes: number
  /** Datagrams from exporters that are not on the allow list. */
  refused: number
  flows: number
  batches: number
  /** Times each problem of libs/netflow was seen. */
  readonly problems: ProblemCounts
  readonly denat: DenatCounters
  readonly silence: SilenceCounters
}

export const createCounters = (): CollectorCounters => ({
  datagrams: 0,
  bytes: 0,
  refused: 0,
  flows: 0,
  batches: 0,
  problems: zeroProblems(),
  denat: { exporter: 0, remembered: 0, guessed: 0 },
  silence: { silent: 0, back: 0 },
})

interface Sources {
  counters: CollectorCounters
  collector: Collector
  publisher: Publisher
  broker: Broker
}

/** Registers all metrics; names begin with the step. */
export function registerMetrics(registry: Registry, { counters, collector, publisher, broker }: Sources): void {
  const { counter, gauge, counterBy } = metricsOf(registry, 'collector')
  counter('listen_datagrams_total', 'datagrams received', () => counters.datagrams)
  counter('listen_bytes_total', 'bytes of datagrams received', () => counters.bytes)
  counter('listen_refused_total', 'datagrams from exporters not on the allow list', () => counters.refused)
  counterBy(
    'socket',
    'listen_kernel_drops_total',
    'datagrams the kernel dropped because the receive buffer was full',
    () =>
      collector
        .report()
        .listening.flatMap(({ address, kernelDrops }): [string, number][] =>
          kernelDrops === null ? [] : [[address, kernelDrops]],
        ),
  )
  counterBy('problem', 'decode_problems_total', 'what was wrong with datagrams', () =>
    Object.entries(counters.problems),
  )
  counter('decode_flows_total', 'flows decoded', () => counters.flows)
  counterBy('exporter', 'decode_lost_total', 'units that sequence numbers say never came', () =>
    collector.report().exporters.map(({ ip, domain, lost }): [string, number] => [`${ip} ${domain}`, lost]),
  )
  gauge('decode_exporters', 'exporters and domains known', () => collector.report().exporters.length)
  counterBy('how', 'denat_flows_total', 'flows whose inside host was put back', () => Object.entries(counters.denat))
  counter(
    'denat_evicted_total',
    'remembered translations that gave way while still valid',
    () => collector.natTable.counters.evicted,
  )
  counter('publish_batches_total', 'batches made', () => counters.batches)
  counter(
    'publish_acknowledged_flows_total',
    'flows that the stream acknowledged',
    () => publisher.counters.acknowledgedFlows,
  )
  counter(
    'publish_repeated_total',
    'publishes repeated for want of an acknowledgement',
    () => publisher.counters.repeated,
  )
  counter(
    'publish_dropped_flows_total',
    'flows dropped because the ring was full',
    () => publisher.counters.droppedFlows,
  )
  gauge('publish_held_bytes', 'bytes of batches not yet acknowledged', () => publisher.counters.heldBytes)
  counterBy('what', 'tell_silence_events_total', 'exporters told as silent, and as back', () =>
    Object.entries(counters.silence),
  )
  countConnections(registry, 'collector', () => [broker])
}
