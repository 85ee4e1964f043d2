// Forgets answers and questions that fit every member of a request.
import type { DNS_FLUSH } from '@netbehave/schema'
import type { Database } from '@netbehave/sqlite'
import type { z } from 'zod'

export function flush(
  db: Database,
  which: Omit<z.output<typeof DNS_FLUSH.request>, 'all'>,
): { answers: number; queries: number } {
  const { site, client, address, name, beforeMs } = which
  const conditions: [string, unknown][] = []
  if (site !== undefined) conditions.push(['site = ?', site])
  if (client !== undefined) conditions.push(['client = ?', client])
  if (name !== undefined) conditions.push(['name = ?', name.toLowerCase()])
  if (beforeMs !== undefined) conditions.push(['last_ms < ?', beforeMs])
  const remove = (table: string, all: readonly [string, unknown][]) => {
    const where = all.length > 0 ? ` WHERE ${all.map(([condition]) => condition).join(' AND ')}` : ''
    return db.prepare(`DELETE FROM ${table}${where}`).run(...all.map(([, value]) => value)).changes
  }
  return db.transaction(() => ({
    answers: remove('answer', address === undefined ? conditions : [...conditions, ['address = ?', address]]),
    // A question has no address.
    queries: address === undefined ? remove('query', conditions) : 0,
  }))()
}
