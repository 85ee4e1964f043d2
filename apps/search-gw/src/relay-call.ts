// One question to another service over the broker, as the connection that the asker's role allows: the broker, not our code, has the
// last word on what a role may do. Fails: RequestFault; 503 says which service does not run.
import { ask, type Broker, RequestFault } from '@netbehave/broker'
import { type RequestContract, serviceOf } from '@netbehave/schema'
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
/** Who answers below a word of subjects, said to people who know neither subjects nor services. */
const NOT_RUNNING: Readonly<Record<string, string>> = {
  ipam: 'ipam, which keeps the assets, does not run; "netbehave doctor" says what is wrong',
  dns: 'dns-ingest, which reads the log of your DNS server, does not run; it is switched on by netbehave.yaml, section dns-ingest, key logs',
  alerts: 'the alerter does not run; it is switched on by a channel with an address in netbehave.yaml, section alerter',
  whois:
    'whois, which knows who holds an address, does not run; it is switched on by netbehave.yaml, section whois, key enabled',
}

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
      const sentence = isNobodyThere(error) ? NOT_RUNNING[serviceOf(contract)] : undefined
      throw sentence === undefined ? error : new RequestFault(503, sentence, { cause: error })
    }
  }
}

const isNobodyThere = (error: unknown): boolean =>
  error instanceof RequestFault && error.code === 503 && error.message.startsWith('nobody serves ')
