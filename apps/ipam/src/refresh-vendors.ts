// Vendors stand on the rows, so that they can be searched for; a newer list gives them anew, once.
import type { Store } from './store.ts'

export function refreshVendors({ db, rows, vendors, transaction }: Store): void {
  const ids = db.prepare<[], number>('SELECT id FROM asset WHERE mac IS NOT NULL').pluck()
  const read = db.prepare<[], string>("SELECT value FROM meta WHERE key = 'vendors'").pluck()
  const write = db.prepare<[string]>("UPDATE meta SET value = ? WHERE key = 'vendors'")
  const { date } = vendors
  if (read.get() === date) return
  transaction(() => {
    for (const id of ids.all()) {
      const row = rows.byId(id)!
      const vendor = vendors.of(row.mac!)
      if (vendor !== row.vendor) rows.write({ ...row, vendor })
    }
    write.run(date)
  })
}
