// Step service: the requests ipam.ro.*, ipam.rw.* and ipam.admin.*, each a line.
import { type Endpoint, endpoint, RequestFault } from '@netbehave/broker'
import {
  IPAM_EDIT,
  IPAM_EXPORT,
  IPAM_FORGET,
  IPAM_GET,
  IPAM_IMPORT,
  IPAM_INFO,
  IPAM_LABELS,
  IPAM_LIST,
  IPAM_SIGHT,
  IPAM_STATS,
} from '@netbehave/schema'
import type { Edit } from './edit.ts'
import type { Look } from './look.ts'
import { countRefusal } from './metrics.ts'
import type { Sight } from './sight.ts'
import type { Store } from './store.ts'

export interface EndpointOptions {
  readonly store: Store
  readonly sight: Sight
  readonly edit: Edit
  readonly look: Look
  readonly maxAssetsPerSite: number
  /** Called after anything that may have written an event. */
  readonly onEvents: () => void
  readonly now: () => number
}

/** Long requests that wait for their turns; more are refused with 503, so that look-ups find room. */
const MAX_LONG_REQUESTS = 32

export function createEndpoints(options: EndpointOptions): Endpoint[] {
  const { store, sight, edit, look, onEvents, now } = options
  let long = 0

  async function atLength<T>(work: () => Promise<T>): Promise<T> {
    if (long >= MAX_LONG_REQUESTS) {
      countRefusal(store.counters, 'busy')
      throw new RequestFault(503, 'too many long requests at once; ask again')
    }
    long++
    try {
      return await work()
    } finally {
      long--
      onEvents()
    }
  }

  return [
    endpoint(IPAM_LABELS, ({ site, addresses }) => ({ labels: look.labels(site, addresses) })),
    endpoint(IPAM_LIST, (request) => atLength(() => look.list(request, now()))),
    endpoint(IPAM_GET, ({ ip, site }) => look.get(ip, site, now())),
    endpoint(IPAM_INFO, () => atLength(() => look.info(now(), options.maxAssetsPerSite))),
    endpoint(IPAM_SIGHT, ({ sightings }) => atLength(() => sight(sightings, now()))),
    endpoint(IPAM_EDIT, (request) => {
      const row = edit.edit(request, now())
      onEvents()
      return look.detail(row, now())
    }),
    endpoint(IPAM_FORGET, ({ assets }) => atLength(() => edit.forget(assets, now()))),
    endpoint(IPAM_EXPORT, (request) => atLength(() => look.export(request, now()))),
    endpoint(IPAM_IMPORT, ({ assets }) => atLength(() => edit.importAssets(assets, now()))),
    endpoint(IPAM_STATS, () => {
      const { sightings, added, evicted, events, heard, hostnames, edits, forgotten, imported, refused } =
        store.counters
      const refusals = [...refused].map(([reason, count]) => [`refused-${reason}`, count])
      return {
        counters: {
          ...{ sightings, added, evicted, events, heard, hostnames, edits, forgotten, imported },
          ...Object.fromEntries(refusals),
        },
        outbox: { waiting: store.outbox.waiting, oldestMs: store.outbox.oldestMs },
        databaseBytes: databaseBytes(store),
      }
    }),
  ]
}

const databaseBytes = ({ db }: Store): number =>
  (db.pragma('page_count', { simple: true }) as number) * (db.pragma('page_size', { simple: true }) as number)
