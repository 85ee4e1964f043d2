// Entries of a log → the own store, with the place behind them, in one transaction.
import type { TakeBatch } from './follow.ts'
import type { Store } from './store.ts'
import type { Tails } from './tails.ts'

export function createKeep(store: Store, site: string, tails: Tails): TakeBatch {
  return (source, { asked, told, leased }, tail) => {
    const replies = told.filter(({ isReply }) => isReply)
    const cached = told.filter(({ isReply }) => !isReply)
    store.write({ site, source, queries: asked, replies, cached, leases: leased }, () => tails.save(tail))
  }
}
