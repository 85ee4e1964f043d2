// `$SRV.PING|INFO|STATS` (NATS ADR-32), so that `nats micro ls` and our own tools see who serves what.
import { randomUUID } from 'node:crypto'
import type { NatsConnection, Subscription } from '@nats-io/transport-node'

/** Times in nanoseconds. */
export interface EndpointStats {
  readonly name: string
  readonly subject: string
  readonly queue_group: string
  num_requests: number
  num_errors: number
  last_error: string
  processing_time: number
  average_processing_time: number
}

export interface DiscoveredService {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly endpoints: readonly EndpointStats[]
}

const VERBS = ['PING', 'INFO', 'STATS'] as const

/** Subscriptions that answer for this copy of the service. */
export function answerDiscovery(connection: NatsConnection, service: DiscoveredService): Subscription[] {
  const { name, version, description, endpoints } = service
  const identity = { name, id: randomUUID(), version, metadata: {} }
  const started = new Date().toISOString()
  const reply = {
    PING: () => ({ type: 'io.nats.micro.v1.ping_response', ...identity }),
    INFO: () => ({
      type: 'io.nats.micro.v1.info_response',
      ...identity,
      description,
      endpoints: endpoints.map((served) => ({
        name: served.name,
        subject: served.subject,
        queue_group: served.queue_group,
        metadata: {},
      })),
    }),
    STATS: () => ({
      type: 'io.nats.micro.v1.stats_response',
      ...identity,
      started,
      endpoints: endpoints.map((served) => ({
        ...served,
        average_processing_time: Math.round(served.processing_time / Math.max(1, served.num_requests)),
      })),
    }),
  }
  return VERBS.flatMap((verb) =>
    [`$SRV.${verb}`, `$SRV.${verb}.${name}`, `$SRV.${verb}.${name}.${identity.id}`].map((subject) =>
      connection.subscribe(subject, {
        callback: (error, message) => {
          if (error === null && message.reply?.startsWith('_') === true) message.respond(JSON.stringify(reply[verb]()))
        },
      }),
    ),
  )
}
