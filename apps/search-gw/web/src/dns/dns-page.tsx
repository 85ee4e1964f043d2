import type { DNS_ABOUT, DNS_QUERIES, ReplyOf } from '@netbehave/schema/api'
import { get } from '../api/ask.ts'
import { useAsk } from '../api/use-ask.ts'
import { usePages } from '../api/use-pages.ts'
import { useAssetNames } from '../assets/use-asset-names.ts'
import { condition } from '../filter/edit-filter.ts'
import { count, countOf } from '../format/numbers.ts'
import { Link } from '../router/link.tsx'
import { changeQuery, pathWith, place } from '../router/place.ts'
import { Badge, type Tone } from '../ui/badge.tsx'
import { Icon } from '../ui/icon.tsx'
import { MoreButton } from '../ui/more-button.tsx'
import { Page } from '../ui/page.tsx'
import { ScrollBox } from '../ui/scroll-box.tsx'
import { Empty, Failed, Waiting } from '../ui/states.tsx'
import { TextFilter } from '../ui/text-filter.tsx'
import { Time } from '../ui/time.tsx'

type Queries = ReplyOf<typeof DNS_QUERIES>
type Query = Queries['queries'][number]

const RESULTS: Readonly<Record<Query['result'], readonly [string, Tone]>> = {
  waiting: ['no answer yet', 'plain'],
  address: ['answered', 'good'],
  answered: ['answered', 'good'],
  nodata: ['no address', 'plain'],
  nxdomain: ['no such name', 'warning'],
  refused: ['refused', 'warning'],
  failed: ['failed', 'bad'],
  blocked: ['blocked', 'note'],
}
const SPANS = [
  ['-1h', 'last hour'],
  ['-24h', 'last 24 hours'],
  ['-7d', 'last 7 days'],
  ['', 'all that is kept'],
] as const

export function DnsPage() {
  const { query } = place.value
  const asked = {
    part: query.get('part'),
    client: query.get('client'),
    result: query.get('result'),
    from: query.get('from') ?? '-24h',
    site: query.get('site'),
  }
  const span = asked.from === 'all' ? null : asked.from
  const list = usePages<Query, string>(JSON.stringify(asked), async (after, signal) => {
    const page = await get<Queries>('dns/queries', { ...asked, from: span, after, limit: 200 }, signal)
    return { items: page.queries, next: page.next }
  })
  const assetName = useAssetNames()
  const about = useAsk('dns', (signal) => get<ReplyOf<typeof DNS_ABOUT>>('dns/info', {}, signal))

  return (
    <Page
      title="DNS"
      about={
        about.answer &&
        `Names that devices asked for: ${countOf(about.answer.queries, 'pair')} of client and name are kept.`
      }
    >
      <div class="tool-bar">
        <TextFilter
          label="Name contains"
          value={asked.part ?? ''}
          onChange={(part) => changeQuery({ part }, { replace: true })}
        />
        <TextFilter
          label="Client address"
          value={asked.client ?? ''}
          onChange={(client) => changeQuery({ client }, { replace: true })}
        />
        <select
          class="form-select form-select-sm"
          aria-label="Result"
          value={asked.result ?? ''}
          onChange={(event) => changeQuery({ result: event.currentTarget.value })}
        >
          <option value="">any result</option>
          {Object.entries(RESULTS).map(([result, [label]]) => (
            <option key={result} value={result}>
              {result === 'answered' ? 'answered, no address told' : label}
            </option>
          ))}
        </select>
        <select
          class="form-select form-select-sm"
          aria-label="Time"
          value={asked.from === 'all' ? '' : asked.from}
          onChange={(event) => changeQuery({ from: event.currentTarget.value || 'all' })}
        >
          {SPANS.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
        <button type="button" class="btn btn-outline-secondary btn-sm" onClick={list.again}>
          Refresh
        </button>
      </div>
      {list.items.length > 0 ? (
        <>
          <ScrollBox label="Names asked">
            <table class="table table-hover">
              <thead>
                <tr>
                  <th>Last asked</th>
                  <th>Client</th>
                  <th>Name</th>
                  <th class="is-wide-only">Type</th>
                  <th>Result</th>
                  <th class="number is-wide-only">Times</th>
                </tr>
              </thead>
              <tbody>
                {list.items.map((row) => (
                  <Row
                    key={`${row.site} ${row.client} ${row.name} ${row.type}`}
                    row={row}
                    clientName={assetName(row.site, row.client)}
                    isNarrowed={asked.client === row.client}
                  />
                ))}
              </tbody>
            </table>
          </ScrollBox>
          <MoreButton pages={list} />
        </>
      ) : list.problem ? (
        <Failed
          problem={list.problem}
          again={list.again}
          away={
            <p>
              Names come from the log of your DNS server. Let dnsmasq, Pi-hole or unbound log its queries, name the log
              in <code>netbehave.yaml</code>, section <code>dns-ingest</code>, key <code>logs</code>, and start
              NetBehave again.
            </p>
          }
        />
      ) : list.isWaiting ? (
        <Waiting what="the names" />
      ) : (
        <Empty icon="dns" title="No name was asked for">
          <p>
            {asked.part || asked.client || asked.result
              ? 'Nothing in this time fits. Take a longer time or fewer conditions.'
              : 'NetBehave reads the log of dnsmasq, Pi-hole or unbound. Tell it where the log is: netbehave.yaml, section dns-ingest, key logs.'}
          </p>
        </Empty>
      )}
    </Page>
  )
}

interface RowProps {
  readonly row: Query
  readonly clientName: string | undefined
  readonly isNarrowed: boolean
}

function Row({ row, clientName, isNarrowed }: RowProps) {
  const [label, tone] = RESULTS[row.result]
  return (
    <tr>
      <td>
        <Time ms={row.lastMs} />
      </td>
      <td class="in-one-line">
        <Link to={pathWith('/assets', { ip: row.client, site: row.site })}>
          {clientName ? (
            <>
              <b>{clientName}</b> <span class="quiet">{row.client}</span>
            </>
          ) : (
            row.client
          )}
        </Link>
        {!isNarrowed && (
          <button
            type="button"
            class="btn btn-icon is-wide-only"
            aria-label={`Only names that ${row.client} asked for`}
            title="Only names that this client asked for"
            onClick={() => changeQuery({ client: row.client, site: row.site })}
          >
            <Icon name="search" />
          </button>
        )}
      </td>
      <th scope="row" class="asked-name">
        <Link
          to={pathWith('/search', {
            q: `${condition('ip', row.client)} and ${condition('name', row.name)}`,
            from: '-24h',
          })}
          title="Flows of this client with this name"
        >
          {row.name}
        </Link>
      </th>
      <td class="quiet is-wide-only">{row.type}</td>
      <td>
        <Badge tone={tone}>{label}</Badge>
      </td>
      <td class="number is-wide-only">{count(row.hits)}</td>
    </tr>
  )
}
