// The messages of the 2018 original, on `/ws?compat=1`: `{action, queries}` in, one flow in its nested form a message out.
// Queries are filters; a flow that any of them matches is sent. What it did not have (counts, errors) it does not get, but `error`.
import { type Ast, compile, FilterError, parse } from '@netbehave/filter'
import type { Flow } from '@netbehave/schema'
import { LIVE_LIMITS } from '@netbehave/schema/api'
import { z } from 'zod'
import { readJson } from './protocol.ts'
import type { Line, Speaker } from './socket.ts'
import { Subscription } from './subscription.ts'

const Message = z.discriminatedUnion('action', [
  z.object({ action: z.enum(['replaceQueries', 'addQueries']), queries: z.array(z.string().max(4096)).max(64) }),
  z.object({ action: z.enum(['stop', 'disconnect']) }),
])
const MAX_QUERIES = 64
const ONLY = 'queries'

export function speakCompat(line: Line): Speaker {
  const subscriptions = new Map<string, Subscription>()
  let queries: Ast[] = []

  function watch(added: readonly string[]): void {
    for (const text of added) {
      try {
        if (queries.length >= MAX_QUERIES) throw new FilterError(`at most ${MAX_QUERIES} queries`, 0, text.length)
        queries.push(parse(text))
      } catch (error) {
        if (!(error instanceof FilterError)) throw error
        const { message, from, to } = error
        line.send(JSON.stringify({ error: { query: text, message, from, to } }))
      }
    }
    subscriptions.clear()
    if (queries.length === 0) return
    const filter: Ast = queries.length === 1 ? queries[0]! : { kind: 'or', terms: queries }
    subscriptions.set(ONLY, new Subscription(compile(filter), LIVE_LIMITS.defaultRowsPerSecond, line.now()))
  }

  return {
    subscriptions,
    onMessage(text) {
      const message = Message.safeParse(readJson(text)).data
      if (!message) return line.refuse()
      if (message.action === 'stop') {
        queries = []
        subscriptions.clear()
      } else if (message.action === 'disconnect') line.close(1000, 'disconnect')
      else if ('queries' in message) {
        if (message.action === 'replaceQueries') queries = []
        watch(message.queries)
      }
    },
    rows: (_id, texts) => texts.map((text) => JSON.stringify(toOriginal(JSON.parse(text) as Flow))),
    stat: () => undefined,
  }
}

const PROTOCOL_NAMES: Readonly<Record<number, string>> = {
  1: 'ICMP',
  2: 'IGMP',
  6: 'TCP',
  17: 'UDP',
  47: 'GRE',
  50: 'ESP',
  58: 'IPv6-ICMP',
  132: 'SCTP',
}

/** A flow as the original's pages read it: by side, with its names for things. */
export function toOriginal(flow: Flow): Record<string, unknown> {
  const side = (ip: string, port: number, mac?: string, network?: string, domain?: string, org?: string) => ({
    ip,
    port,
    ...(mac !== undefined && { mac }),
    ...(network !== undefined && { network }),
    ...(domain !== undefined && { domain }),
    ...(org !== undefined && { arin: { name: org } }),
  })
  return {
    src: side(flow.srcIp, flow.srcPort, flow.srcMac, flow.srcNet, flow.srcName, flow.srcOrg),
    dst: side(flow.dstIp, flow.dstPort, flow.dstMac, flow.dstNet, flow.dstName, flow.dstOrg),
    bytes: flow.bytes,
    packets: flow.packets,
    protocol: flow.protocol,
    protocol_name: PROTOCOL_NAMES[flow.protocol] ?? String(flow.protocol),
    ip_version: flow.srcIp.includes(':') ? 6 : 4,
    ...(flow.exporterVersion !== undefined && { version: flow.exporterVersion }),
    ...(flow.exporter !== undefined && { host: flow.exporter }),
    ...(flow.direction !== undefined && { direction: flow.direction }),
    ...(flow.service !== undefined && { serviceName: flow.service }),
    ...(flow.rule !== undefined && { match: flow.rule }),
  }
}
