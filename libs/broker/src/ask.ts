// One request, one reply. In: a contract and what it asks for. Out: the reply, checked. Fails: RequestFault, always within the time.
import { type Msg, NoRespondersError, TimeoutError } from '@nats-io/transport-node'
import { type RequestContract, serviceOf } from '@netbehave/schema'
import type { z } from 'zod'
import type { Broker } from './connect.ts'
import { FAULT_HEADERS, RequestFault } from './request-fault.ts'

export interface AskOptions {
  /** Until the reply is here, the connection to the broker included. */
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 2_000

export async function ask<Request extends z.ZodType, Reply extends z.ZodType>(
  broker: Broker,
  contract: RequestContract<Request, Reply>,
  request: z.input<Request>,
  { timeoutMs = TIMEOUT_MS }: AskOptions = {},
): Promise<z.output<Reply>> {
  const message = await send(broker, contract, JSON.stringify(request), timeoutMs)
  const code = message.headers?.get(FAULT_HEADERS.code)
  if (code)
    throw new RequestFault(Number(code) || 500, message.headers?.get(FAULT_HEADERS.sentence) || 'no reason given')
  const reply = contract.reply.safeParse(readJson(message.data))
  if (!reply.success)
    throw new RequestFault(502, `the reply on ${contract.subject} does not fit its contract`, { cause: reply.error })
  return reply.data
}

async function send(broker: Broker, contract: RequestContract, body: string, timeoutMs: number): Promise<Msg> {
  const began = performance.now()
  const connection = await within(broker.connected, timeoutMs)
  if (connection === undefined || !broker.isConnected)
    throw new RequestFault(503, `the broker is away, so ${contract.subject} cannot be asked`)
  try {
    const left = Math.max(1, timeoutMs - (performance.now() - began))
    return await connection.request(contract.subject, body, { timeout: left })
  } catch (error) {
    // The client wraps both in an error of its own.
    const cause = (error as Error).cause ?? error
    if (cause instanceof NoRespondersError)
      throw new RequestFault(503, `nobody serves ${contract.subject}: is the ${serviceOf(contract)} service running?`, {
        cause: error,
      })
    if (cause instanceof TimeoutError)
      throw new RequestFault(504, `no answer on ${contract.subject} within ${timeoutMs} ms`, { cause: error })
    throw new RequestFault(503, `${contract.subject} cannot be asked: ${(error as Error).message}`, { cause: error })
  }
}

/** The value, or undefined when it is not there in time; a rejection counts as "not there". */
async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms)
  })
  const value = await Promise.race([promise.catch(() => undefined), late])
  clearTimeout(timer)
  return value
}

function readJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined // fits no contract, and is told so
  }
}
