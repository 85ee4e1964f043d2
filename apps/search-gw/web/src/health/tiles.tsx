import type { Health } from '@netbehave/schema/api'
import { bytes, perSecond } from '../format/numbers.ts'

/** How fast flows go through, from the socket to the disk. */
export function Tiles({ health: { rates, disk } }: { readonly health: Health }) {
  const days = disk.daysLeft === null ? '–' : disk.daysLeft > 3650 ? '> 10 years' : `${Math.round(disk.daysLeft)} days`
  return (
    <dl class="tiles">
      <Tile name="Datagrams" value={perSecond(rates.received)} />
      <Tile name="Flows decoded" value={perSecond(rates.decoded)} />
      <Tile name="Flows enriched" value={perSecond(rates.enriched)} />
      <Tile name="Flows stored" value={perSecond(rates.archived)} />
      <Tile name="Lost before us" value={perSecond(rates.lost)} isBad={(rates.lost ?? 0) > 0} />
      <Tile name="Dropped by us" value={perSecond(rates.dropped)} isBad={(rates.dropped ?? 0) > 0} />
      <Tile
        name="Disk lasts for"
        value={days}
        title={
          disk.bytesPerDay === null
            ? 'No day is closed yet'
            : `${bytes(disk.bytesPerDay)} a day, ${disk.freeBytes === null ? '?' : bytes(disk.freeBytes)} free`
        }
      />
    </dl>
  )
}

function Tile({ name, value, title, isBad = false }: { name: string; value: string; title?: string; isBad?: boolean }) {
  return (
    <div class={isBad ? 'tile is-bad' : 'tile'} title={title}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}
