// One question to another service over the broker, as the connection that the asker's role allows: the broker, not our code, has the
// last word on what a role may do. Fails: RequestFault; 503 says which service does not run.
import { ask, type Broker } from '@netbehave/broker'
import type { RequestContract } from '@netbehave/schema'
import type { UserRole } from '@netbehave/schema/api'
import type { z } from 'zod'

export interface RoleBrokers {
  readonly viewer: Broker
  /** Connections of the others are made when one of them first asks something. */
  operator(): Broker
  admin(): Broker
}

export interface RelayCounters {
  asked: number
  faults: number
}

export type AskService = <Request extends z.ZodType, Reply extends z.ZodType>(
  role: UserRole,
  contract: RequestContract<Request, Reply>,
  request: z.input<Request>,
) => Promise<z.output<Reply>>

const TIMEOUT_MS = 5000

export function createAskService(brokers: RoleBrokers, counters: RelayCounters): AskService {
  return async (role, contract, request) => {
    counters.asked++
    const needs = contract.subject.split('.')[1]
    // An admin who only looks needs no more than a viewer, so that looking works with the least of connections.
    const broker = needs === 'ro' ? brokers.viewer : role === 'admin' ? brokers.admin() : brokers.operator()
    try {
      return await ask(broker, contract, request, { timeoutMs: TIMEOUT_MS })
    } catch (error) {
      counters.faults++
      throw error
    }
  }
}
