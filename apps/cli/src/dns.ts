// What the names service knows: names asked, who was told what, by which name an address was known. Fails: CommandError when no service
// answers, with how to switch it on.
import { ask, type Broker, RequestFault } from '@netbehave/broker'
import { csvCell } from '@netbehave/history'
import {
  DNS_FORWARD,
  DNS_LIST,
  DNS_REVERSE,
  type DnsAnswer,
  type DnsQuery,
  type DnsResult,
  MAX_ENTRIES,
  type RequestContract,
} from '@netbehave/schema'
import type { z } from 'zod'
import { type CopyOptions, connectToCopy } from './broker-client.ts'
import type { Environment } from './environment.ts'
import { CommandError, EXIT } from './exit-codes.ts'
import { formatTime } from './output/numbers.ts'
import { formatTable, type TableColumn } from './output/table.ts'

export interface AnswersOptions extends CopyOptions {
  output: 'line' | 'json' | 'csv'
  client?: string
  site?: string
}
export interface ListOptions extends AnswersOptions {
  result?: DnsResult
  from?: number
  to?: number
  limit: number
}
export interface WhatOptions extends AnswersOptions {
  at?: number
}

const SWITCH_ON =
  'no names service answers. To have one, name the log of your DNS server: "dns-ingest: { logs: [/var/log/dnsmasq.log] }" in netbehave.yaml, or DNS_INGEST_LOGS=/var/log/dnsmasq.log, and start NetBehave again; docs/dns.md says more'
const TIMEOUT_MS = 10_000

export async function listNames(
  part: string | undefined,
  options: ListOptions,
  environment: Environment,
): Promise<void> {
  await using broker = await connectToCopy(options, 'analyst', environment)
  const { client, site, result, from: fromMs, to: toMs } = options
  const wanted = given({ part, client, site, result, fromMs, toMs })
  const queries: DnsQuery[] = []
  let after: string | null = ''
  while (after !== null && queries.length < options.limit) {
    const limit = Math.min(MAX_ENTRIES, options.limit - queries.length)
    const page: { queries: DnsQuery[]; next: string | null } = await askNames(broker, DNS_LIST, {
      ...{ ...wanted, limit },
      ...(after && { after }),
    })
    queries.push(...page.queries)
    after = page.next
  }
  write(queries, QUERY_COLUMNS, options.output, environment)
}

export async function showWho(name: string, options: AnswersOptions, environment: Environment): Promise<void> {
  await using broker = await connectToCopy(options, 'analyst', environment)
  const plain = name.toLowerCase().replace(/\.$/, '')
  const wanted = { name: plain, ...given({ client: options.client, site: options.site }) }
  const [{ answers }, { queries }] = await Promise.all([
    askNames(broker, DNS_FORWARD, wanted),
    askNames(broker, DNS_LIST, { ...wanted, limit: MAX_ENTRIES }),
  ])
  const told = new Set(answers.map(({ site, client }) => `${site} ${client}`))
  // Who asked and was told no address is told of, too.
  const others = queries.filter(({ site, client }) => !told.has(`${site} ${client}`))
  if (options.output === 'json') {
    environment.stdout.write([...answers, ...others].map((row) => `${JSON.stringify(row)}\n`).join(''))
    return
  }
  const rows = [
    ...answers,
    ...others.map((query) => ({
      ...query,
      address: `(${query.result})`,
      source: 'dns' as const,
      ttlS: null,
      chain: [],
    })),
  ]
  write(rows, ANSWER_COLUMNS, options.output, environment)
}

export async function showWhat(address: string, options: WhatOptions, environment: Environment): Promise<void> {
  await using broker = await connectToCopy(options, 'analyst', environment)
  const lookup = { address, ...given({ client: options.client, site: options.site, atMs: options.at }) }
  const { answers } = await askNames(broker, DNS_REVERSE, { lookups: [lookup] })
  const answer = answers[0]
  if (!answer) throw new CommandError(`no name is known for ${address}`, EXIT.failed)
  write([answer], [...ANSWER_COLUMNS, HOW], options.output, environment)
}

/** What the names service answers. Throws CommandError. */
export async function askNames<Request extends z.ZodType, Reply extends z.ZodType>(
  broker: Broker,
  contract: RequestContract<Request, Reply>,
  request: z.input<Request>,
): Promise<z.output<Reply>> {
  try {
    return await ask(broker, contract, request, { timeoutMs: TIMEOUT_MS })
  } catch (error) {
    if (!(error instanceof RequestFault)) throw error
    const nobodyServes = error.code === 503 && /^nobody serves/.test(error.message)
    const exitCode = error.code === 400 ? EXIT.usage : EXIT.unavailable
    throw new CommandError(nobodyServes ? SWITCH_ON : error.message, exitCode, { cause: error })
  }
}

type Given<Of> = { [Key in keyof Of]?: Exclude<Of[Key], undefined> }

/** Without members that nobody gave. */
function given<Of extends object>(members: Of): Given<Of> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Given<Of>
}

function write<Row extends object>(
  rows: readonly Row[],
  columns: readonly TableColumn<Row>[],
  output: AnswersOptions['output'],
  { stdout }: Environment,
): void {
  if (output === 'json') stdout.write(rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  else if (output === 'line') stdout.write(`${formatTable(columns, rows).join('\n')}\n`)
  else {
    const head = columns.map(({ heading }) => heading.toLowerCase()).join(',')
    const lines = rows.map((row) => columns.map(({ value }) => csvCell(value(row))).join(','))
    stdout.write(`${[head, ...lines].join('\n')}\n`)
  }
}

const QUERY_COLUMNS: readonly TableColumn<DnsQuery>[] = [
  { heading: 'LAST', value: ({ lastMs }) => formatTime(lastMs) },
  { heading: 'CLIENT', value: ({ client }) => client },
  { heading: 'NAME', value: ({ name }) => name },
  { heading: 'TYPE', value: ({ type }) => type },
  { heading: 'RESULT', value: ({ result }) => result },
  { heading: 'ASKED', value: ({ hits }) => hits, align: 'right' },
  { heading: 'SITE', value: ({ site }) => site },
]

const ANSWER_COLUMNS: readonly TableColumn<DnsAnswer>[] = [
  { heading: 'ADDRESS', value: ({ address }) => address },
  { heading: 'NAME', value: ({ name }) => name },
  {
    heading: 'CLIENT',
    value: ({ client, source }) => client ?? (source === 'dns' ? '(not known)' : `(all: ${source})`),
  },
  { heading: 'FIRST', value: ({ firstMs }) => formatTime(firstMs) },
  { heading: 'LAST', value: ({ lastMs }) => formatTime(lastMs) },
  { heading: 'TIMES', value: ({ hits }) => hits, align: 'right' },
  { heading: 'SITE', value: ({ site }) => site },
  { heading: 'CHAIN', value: ({ chain }) => chain.join(' ') },
]

const HOW_WORDS = { client: "the client's own", other: "another client's", local: 'of the DNS server itself' } as const
const HOW: TableColumn<DnsAnswer & { how: keyof typeof HOW_WORDS }> = {
  heading: 'WHOSE',
  value: ({ how }) => HOW_WORDS[how],
}
