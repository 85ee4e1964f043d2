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
      <Tile name="Disk lasts for" value={days} why={lastsWhy(disk)} />
    </dl>
  )
}

/** What the days left are reckoned from, or why they cannot be. */
function lastsWhy({ bytesPerDay, freeBytes }: Health['disk']): string {
  if (bytesPerDay === null) return 'known once a day is over'
  if (freeBytes === null) return 'the disk does not say what is free'
  return `${bytes(bytesPerDay)} a day, ${bytes(freeBytes)} free`
}

interface TileProps {
  readonly name: string
  readonly value: string
  /** Below the value. */
  readonly why?: string
  readonly isBad?: boolean
}

function Tile({ name, value, why, isBad = false }: TileProps) {
  return (
    <div class={isBad ? 'tile is-bad' : 'tile'}>
      <dt>{name}</dt>
      <dd>
        {value}
        {why && <small>{why}</small>}
      </dd>
    </div>
  )
}
