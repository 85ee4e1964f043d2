// What one line of a DNS server's log says, and what can be wrong with it.
import type { DnsResult } from '@netbehave/schema'

/** A client asked. */
export interface QueryLine {
  readonly kind: 'query'
  /** Ties query and answers together where the log numbers them; empty: it does not. */
  readonly key: string
  readonly client: string
  readonly name: string
  readonly type: string
}

/** Who gave an answer: the server above, the own cache, hosts file or configuration, the own DHCP server, a block list. */
export type AnsweredBy = 'reply' | 'cached' | 'hosts' | 'dhcp' | 'blocked'

/** One line of an answer: a step of its CNAME chain, or an end of it. */
export interface AnswerLine {
  readonly kind: 'answer'
  readonly key: string
  /** Empty: the line does not say. */
  readonly client: string
  readonly by: AnsweredBy
  readonly name: string
  /** `cname`: the chain goes on in the next line. */
  readonly value: 'cname' | DnsResult
  /** Of value `address`. */
  readonly address: string
  /** Type of the question, as far as this line tells; empty: it does not. */
  readonly type: string
  /** The line tells client, name and type of its question by itself. */
  readonly isWhole: boolean
}

/** A DHCP lease was given or renewed. */
export interface LeaseLine {
  readonly kind: 'lease'
  readonly address: string
  /** Empty: DHCPv6 has none. */
  readonly mac: string
  readonly hostname: string
}

export type DnsLine = QueryLine | AnswerLine | LeaseLine

/** Why a line, or what it says, was dropped. */
export const LINE_PROBLEMS = [
  'line-length',
  'name-length',
  'name-character',
  'client-address',
  'half-line',
  'no-time',
  'other-type',
] as const
export type LineProblem = (typeof LINE_PROBLEMS)[number]

/** One kind of log. `at`: where the line begins behind its time stamp. undefined: a line that says nothing of names. */
export interface LineParser {
  parse(line: string, at: number): DnsLine | LineProblem | undefined
}
