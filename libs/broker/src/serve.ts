// Serving requests: parse ▸ validate ▸ handle ▸ answer, exactly one answer for each. In: contracts with their handlers. Fails: never; a
// bad request, a handler that throws and too many at once are answers with a code, counted in `counters`.
import { randomUUID } from 'node:crypto'
import { headers, type Msg, type Subscription } from '@nats-io/transport-node'
import { type RequestContract, serviceOf } from '@netbehave/schema'
import type { z } from 'zod'
import type { Broker, BrokerLog } from './connect.ts'
import { answerDiscovery, type EndpointStats } from './discovery.ts'
import { FAULT_HEADERS, RequestFault } from './request-fault.ts'
import { isProbe } from './roles/probe.ts'

export interface Endpoint {
  readonly contract: RequestContract
  /** Gets what the contract let through; throws RequestFault for what the asker should know. */
  readonly handle: (request: never) => unknown
}

export function endpoint<Request extends z.ZodType, Reply extends z.ZodType>(
  contract: RequestContract<Request, Reply>,
  handle: (request: z.output<Request>) => z.input<Reply> | Promise<z.input<Reply>>,
): Endpoint {
  return { contract, handle }
}

export interface ServeOptions {
  readonly version: string
  readonly description: string
  /** Requests that are being handled at a time; more are refused with 503. */
  readonly maxInFlight?: number
  /** How long `asyncDispose` waits for those. */
  readonly closeMs?: number
}

export interface ServeCounters {
  requests: number
  /** Answered with a code, by code. */
  readonly faults: Map<number, number>
  inFlight: number
}

export interface Service extends AsyncDisposable {
  readonly counters: ServeCounters
  /** Resolves when the server has the subscriptions. */
  readonly ready: Promise<void>
}

const MAX_IN_FLIGHT = 64
const CLOSE_MS = 5_000
/** Where an answer may go: an inbox, or what the server makes of it between accounts. Never a subject of ours. */
const REPLY_SUBJECT = /^(_INBOX|_R_)\./

/** All endpoints are of one service: `dns.ro.…` and `dns.rw.…`. Copies of a service share its requests. */
export function serve(broker: Broker, log: BrokerLog, endpoints: readonly Endpoint[], options: ServeOptions): Service {
  const { maxInFlight = MAX_IN_FLIGHT, closeMs = CLOSE_MS } = options
  const counters: ServeCounters = { requests: 0, faults: new Map(), inFlight: 0 }
  const stats = endpoints.map(({ contract }) => statsOf(contract))
  const handling = new Set<Promise<void>>()
  const subscriptions: Subscription[] = []
  let closed = false

  function onRequest(message: Msg, { contract, handle }: Endpoint, tally: EndpointStats): void {
    // Without an inbox nobody waits for the answer, and an answer to a subject of ours would be a request in our name.
    if (message.reply === undefined || !REPLY_SUBJECT.test(message.reply)) return
    if (isProbe(message)) {
      message.respond()
      return
    }
    counters.requests++
    tally.num_requests++
    if (counters.inFlight >= maxInFlight) {
      refuse(message, tally, new RequestFault(503, 'too many requests at once; ask again'))
      return
    }
    const began = performance.now()
    counters.inFlight++
    const answering = answer(message, contract, handle as (request: unknown) => unknown)
      .catch((error: unknown) => refuse(message, tally, faultOf(error, contract)))
      .finally(() => {
        counters.inFlight--
        handling.delete(answering)
        tally.processing_time += Math.round((performance.now() - began) * 1e6)
      })
    handling.add(answering)
  }

  async function answer(message: Msg, contract: RequestContract, handle: (request: unknown) => unknown): Promise<void> {
    const request = contract.request.safeParse(readJson(message.data))
    if (!request.success) throw new RequestFault(400, describeIssue(request.error))
    const reply = await handle(request.data)
    message.respond(JSON.stringify(reply))
  }

  function faultOf(error: unknown, contract: RequestContract): RequestFault {
    if (error instanceof RequestFault) return error
    const id = randomUUID()
    log.error(
      { err: error, id, subject: contract.subject },
      `a request on ${contract.subject} failed: ${(error as Error).message}`,
    )
    return new RequestFault(500, `the service failed; its log has more under ${id}`)
  }

  function refuse(message: Msg, tally: EndpointStats, fault: RequestFault): void {
    counters.faults.set(fault.code, (counters.faults.get(fault.code) ?? 0) + 1)
    tally.num_errors++
    tally.last_error = `${fault.code}:${fault.message}`
    const told = headers()
    told.set(FAULT_HEADERS.code, String(fault.code))
    told.set(FAULT_HEADERS.sentence, fault.message.replaceAll(/[\r\n]+/g, ' '))
    message.respond('', { headers: told })
  }

  async function subscribe(): Promise<void> {
    const connection = await broker.connected
    if (closed) return
    endpoints.forEach((served, index) => {
      const tally = stats[index]!
      const options = {
        queue: tally.queue_group,
        callback: (error: Error | null, message: Msg) => {
          if (error === null) onRequest(message, served, tally)
        },
      }
      subscriptions.push(connection.subscribe(served.contract.subject, options))
    })
    const name = serviceOf(endpoints[0]!.contract)
    subscriptions.push(...answerDiscovery(connection, { name, ...options, endpoints: stats }))
    await connection.flush()
  }

  const ready = subscribe()
  ready.catch(() => {}) // the broker was closed before it was there
  return {
    counters,
    ready,
    async [Symbol.asyncDispose]() {
      closed = true
      for (const subscription of subscriptions) subscription.unsubscribe()
      let timer: NodeJS.Timeout | undefined
      const late = new Promise((resolve) => {
        timer = setTimeout(resolve, closeMs)
      })
      await Promise.race([Promise.all(handling), late])
      clearTimeout(timer)
    },
  }
}

function statsOf({ subject }: RequestContract): EndpointStats {
  const [service, level, verb] = subject.split('.')
  return {
    name: `${level}-${verb}`,
    subject,
    queue_group: `${service}-${level}`,
    num_requests: 0,
    num_errors: 0,
    last_error: '',
    processing_time: 0,
    average_processing_time: 0,
  }
}

function readJson(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return {}
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new RequestFault(400, 'the request is no JSON', { cause: error })
  }
}

/** The first finding: where, and what. */
function describeIssue(error: z.ZodError): string {
  const { path, message } = error.issues[0]!
  return path.length > 0 ? `${path.join('.')}: ${message}` : message
}
