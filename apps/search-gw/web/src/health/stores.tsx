import type { Health, HealthNumber } from '@netbehave/schema/api'
import { bytes, count, share } from '../format/numbers.ts'
import { duration } from '../format/times.ts'
import { ScrollBox } from '../ui/scroll-box.tsx'

interface StoresProps {
  readonly health: Health
  readonly numbers: readonly HealthNumber[]
}

/** What waits, what is on disk, and how often a name was known already. */
export function Stores({ health: { lag, disk }, numbers }: StoresProps) {
  const sum = (metric: string): number | undefined => {
    const found = numbers.filter((number) => number.metric === `netbehave_${metric}`)
    return found.length === 0
      ? undefined
      : found.flatMap(({ values }) => values).reduce((total, { value }) => total + value, 0)
  }
  const shareOf = (part: number | undefined, rest: number | undefined): string =>
    part === undefined || rest === undefined || part + rest === 0 ? '–' : share(part, part + rest)
  const holders = numbers
    .filter(({ metric }) => metric === 'netbehave_whois_lookup_addresses_total')
    .flatMap(({ values }) => values)
  const holdersOf = (...results: readonly string[]): number =>
    holders.reduce((total, { labels, value }) => total + (results.includes(labels.from ?? '') ? value : 0), 0)
  const sides = sum('enricher_enrich_sides_total')
  const misses = sum('enricher_enrich_misses_total')
  const staged = sum('archiver_write_staged_flows')
  const writeS = sum('archiver_write_seconds')
  const rows: readonly (readonly [string, string])[] = [
    ['Names, holders, assets known at once', sides ? share(sides - (misses ?? 0), sides) : '–'],
    [
      'Look-ups of names answered from memory',
      shareOf(sum('dns_ingest_cache_hits_total'), sum('dns_ingest_cache_misses_total')),
    ],
    ['Holders known when asked for', shareOf(holdersOf('cache', 'store', 'unallocated'), holdersOf('queued'))],
    ['Flows not on disk yet', staged === undefined ? '–' : count(staged)],
    ['Newest write took', writeS === undefined ? '–' : duration(writeS * 1000)],
    ['Flows on disk', disk.archiveBytes === null ? '–' : bytes(disk.archiveBytes)],
    ['Free', disk.freeBytes === null ? '–' : bytes(disk.freeBytes)],
    ['A closed day takes', disk.bytesPerDay === null ? 'known once a day is over' : bytes(disk.bytesPerDay)],
  ]
  return (
    <section>
      <h2>Streams</h2>
      <ScrollBox label="Streams">
        <table class="table">
          <thead>
            <tr>
              <th>Consumer</th>
              <th>Stream</th>
              <th class="number">Waiting</th>
              <th class="number">Being worked on</th>
            </tr>
          </thead>
          <tbody>
            {lag.map(({ consumer, stream, waiting, unacknowledged }) => (
              <tr key={`${consumer} ${stream}`}>
                <th scope="row">{consumer}</th>
                <td>{stream}</td>
                <td class="number">{count(waiting)}</td>
                <td class="number">{count(unacknowledged)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
      <h2>Caches and disk</h2>
      <dl class="card fields">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
