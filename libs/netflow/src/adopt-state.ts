// Templates that another collector learned, for sets that wait here: an exporter whose datagrams went to it before. In: its saved state.
// Out: rows of what waited. Only what is awaited is taken, so nothing that was heard here is replaced by something older.
import type { DatagramContext } from './datagram-context.ts'
import type { Domain } from './exporter-state.ts'
import type { ExporterStore } from './exporter-store.ts'
import { decodeWaited } from './read-templates.ts'
import { restoreLearned, restoreTemplate, type SavedDomain, type SavedState, whyRefused } from './saved-state.ts'

export type AdoptResult = { adopted: number } | { refused: string }

/** The context has begun, on no datagram. Never throws. */
export function adoptState(context: DatagramContext, store: ExporterStore, json: unknown): AdoptResult {
  const refused = whyRefused(json, store)
  if (refused !== undefined) return { refused }
  let adopted = 0
  for (const saved of (json as SavedState).domains) {
    const domain = store.known(saved.ip, saved.version, saved.domain)
    if (domain?.awaiting !== undefined) adopted += adoptDomain(context, store, domain, saved)
  }
  if (adopted > 0) store.version++
  return { adopted }
}

function adoptDomain(context: DatagramContext, store: ExporterStore, domain: Domain, saved: SavedDomain): number {
  const awaited = saved.templates
    .filter(({ id, view }) => view === 0 && domain.awaiting!.has(id) && !domain.templates.has(id))
    // Options records first: they tell the sampling of the flows.
    .sort((a, b) => Number(b.kind === 'options') - Number(a.kind === 'options'))
  if (awaited.length === 0) return 0
  const toldHere = domain.learned > 0 || domain.toldRate > 0
  if (!toldHere && store.learned + learnedOf(saved) <= store.limits.maxLearned) restoreLearned(store, domain, saved)
  context.domain = domain
  context.known = true
  for (const template of awaited) decodeWaited(context, store, restoreTemplate(store, domain, template))
  return awaited.length
}

const learnedOf = ({ samplers, ratesByInterface, interfaces }: SavedDomain): number =>
  samplers.length + ratesByInterface.length + interfaces.length
