// Routes that ask other services: assets, names, holders, alerts. In: the query or body of a route. Out: the service's own reply.
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import * as requests from '@netbehave/schema'
import * as api from '@netbehave/schema/api'
import { readMoment } from '../history/moment.ts'
import type { Binder } from '../http/bind.ts'
import type { AskService } from '../relay-call.ts'

export interface ServiceNeighbours {
  readonly ask: AskService
  readonly now: () => number
}

export function bindServices(binder: Binder, neighbours: ServiceNeighbours): void {
  bindAssets(binder, neighbours)
  bindNames(binder, neighbours)
  bindAlerts(binder, neighbours)
}

function bindAssets({ bind }: Binder, { ask }: ServiceNeighbours): void {
  bind(api.ASSETS, ({ query: { after, ...query }, identity: { role } }) =>
    ask(role, requests.IPAM_LIST, { ...present(query), ...(after !== undefined && { after: readPlace(after) }) }),
  )
  bind(api.ASSET_OF, ({ query, identity: { role } }) => ask(role, requests.IPAM_GET, present(query)))
  bind(api.EDIT_ASSET, ({ params, body, identity: { role } }) =>
    ask(role, requests.IPAM_EDIT, { ...params, ...present(body) }),
  )
  bind(api.FORGET_ASSET, ({ params, identity: { role } }) => ask(role, requests.IPAM_FORGET, { assets: [params] }))
  bind(api.ASSETS_INFO, ({ identity: { role } }) => ask(role, requests.IPAM_INFO, {}))
  bind(api.ASSETS_STATS, ({ identity: { role } }) => ask(role, requests.IPAM_STATS, {}))
  bind(api.IMPORT_ASSETS, ({ body, identity: { role } }) => ask(role, requests.IPAM_IMPORT, body))
  bind(api.EXPORT_ASSETS, async ({ query: { site }, identity: { role }, response }) => {
    const page = (after?: requests.AssetKey) => ask(role, requests.IPAM_EXPORT, present({ site, after }))
    const first = await page()
    response.status(200).set({
      'Content-Type': 'application/x-ndjson',
      'Content-Disposition': 'attachment; filename="assets.ndjson"',
    })
    async function* lines(): AsyncGenerator<string> {
      for (let current = first; ; current = await page(current.next!)) {
        yield current.assets.map((asset) => `${JSON.stringify(asset)}\n`).join('')
        if (!current.next) return
      }
    }
    await pipeline(Readable.from(lines(), { highWaterMark: 1 }), response)
    return undefined
  })
}

function bindNames({ bind }: Binder, { ask, now }: ServiceNeighbours): void {
  const moment = (text: string | undefined) =>
    text === undefined ? undefined : Math.max(0, Math.round(readMoment(text, now())))
  bind(api.DNS_QUERIES, ({ query: { from, to, ...query }, identity: { role } }) =>
    ask(role, requests.DNS_LIST, present({ ...query, fromMs: moment(from), toMs: moment(to) })),
  )
  bind(api.DNS_NAMES, ({ query: { addresses, site, client, at }, identity: { role } }) => {
    const common = present({ site, client, atMs: moment(at) })
    return ask(role, requests.DNS_REVERSE, { lookups: addresses.map((address) => ({ address, ...common })) })
  })
  bind(api.DNS_RUNS_OF, ({ query, identity: { role } }) => ask(role, requests.DNS_RUNS, query))
  bind(api.DNS_ADDRESSES, ({ query, identity: { role } }) => ask(role, requests.DNS_FORWARD, present(query)))
  bind(api.DNS_LEASES_LIST, ({ query: { since }, identity: { role } }) =>
    ask(role, requests.DNS_LEASES, present({ sinceMs: moment(since) })),
  )
  bind(api.DNS_ABOUT, ({ identity: { role } }) => ask(role, requests.DNS_INFO, {}))
  bind(api.DNS_NUMBERS, ({ identity: { role } }) => ask(role, requests.DNS_STATS, {}))
  bind(api.DNS_FORGET, ({ body, identity: { role } }) => ask(role, requests.DNS_FLUSH, body))
  bind(api.DNS_MEMORY, ({ body, identity: { role } }) => ask(role, requests.DNS_RESIZE, body))
  bind(api.WHOIS_OF, ({ query, identity: { role } }) => ask(role, requests.WHOIS_LOOKUP, query))
  bind(api.WHOIS_ABOUT, ({ identity: { role } }) => ask(role, requests.WHOIS_INFO, {}))
  bind(api.WHOIS_NUMBERS, ({ identity: { role } }) => ask(role, requests.WHOIS_STATS, {}))
  bind(api.WHOIS_FORGET, ({ body, identity: { role } }) => ask(role, requests.WHOIS_FLUSH, body))
}

function bindAlerts({ bind }: Binder, { ask }: ServiceNeighbours): void {
  bind(api.ALERTS, ({ query, identity: { role } }) => ask(role, requests.ALERTS_LIST, present(query)))
  bind(api.ALERTS_ABOUT, ({ identity: { role } }) => ask(role, requests.ALERTS_INFO, {}))
  bind(api.MUTE_ALERTS, ({ body, identity: { role } }) => ask(role, requests.ALERTS_MUTE, body))
  bind(api.UNMUTE_ALERTS, ({ body, identity: { role } }) => ask(role, requests.ALERTS_UNMUTE, body))
  bind(api.RESEND_ALERTS, ({ body, identity: { role } }) => ask(role, requests.ALERTS_RESEND, present(body)))
  bind(api.TEST_CHANNEL, ({ body, identity: { role } }) => ask(role, requests.ALERTS_TEST, body))
  bind(api.END_LEARNING, ({ identity: { role } }) => ask(role, requests.ALERTS_LEARNED, {}))
}

type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/** The same without members that are undefined: strict contracts tell "absent" from "there without a value". */
function present<T extends object>(value: T): Present<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Present<T>
}

function readPlace(text: string): requests.AssetKey {
  const slash = text.indexOf('/')
  return { site: text.slice(0, slash), ip: text.slice(slash + 1) }
}
