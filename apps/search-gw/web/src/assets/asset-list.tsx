import type { ASSETS, ASSETS_INFO, ReplyOf } from '@netbehave/schema/api'
import { get } from '../api/ask.ts'
import { useAsk } from '../api/use-ask.ts'
import { usePages } from '../api/use-pages.ts'
import { count, countOf } from '../format/numbers.ts'
import { protocolName } from '../format/protocols.ts'
import { Link } from '../router/link.tsx'
import { changeQuery, pathWith, place } from '../router/place.ts'
import { Badge } from '../ui/badge.tsx'
import { MoreButton } from '../ui/more-button.tsx'
import { Page } from '../ui/page.tsx'
import { ScrollBox } from '../ui/scroll-box.tsx'
import { Empty, Failed, Waiting } from '../ui/states.tsx'
import { TextFilter } from '../ui/text-filter.tsx'
import { Time } from '../ui/time.tsx'
import { Mac } from './mac.tsx'

type Assets = ReplyOf<typeof ASSETS>
type Asset = Assets['assets'][number]
const TCP = 6
const SHOWN_PORTS = 4

export function AssetList() {
  const { query } = place.value
  const asked = { text: query.get('text'), active: query.get('active'), site: query.get('of'), tag: query.get('tag') }
  const list = usePages<Asset, string>(JSON.stringify(asked), async (after, signal) => {
    const { assets, next } = await get<Assets>('assets', { ...asked, after, limit: 200 }, signal)
    return { items: assets, next: next && `${next.site}/${next.ip}` }
  })
  const info = useAsk('assets', (signal) => get<ReplyOf<typeof ASSETS_INFO>>('assets/info', {}, signal))
  const sites = info.answer?.sites ?? []
  const isNarrowed = Object.values(asked).some(Boolean)

  return (
    <Page
      title="Assets"
      about={
        info.answer &&
        `${countOf(info.answer.assets, 'device')} on the local networks, ${count(info.answer.active)} of them seen lately.`
      }
    >
      <div class="tool-bar">
        <TextFilter
          label="Name, address, MAC, vendor, note …"
          value={asked.text ?? ''}
          onChange={(text) => changeQuery({ text }, { replace: true })}
        />
        <select
          class="form-select form-select-sm"
          aria-label="Seen lately"
          value={asked.active ?? ''}
          onChange={(event) => changeQuery({ active: event.currentTarget.value })}
        >
          <option value="">all</option>
          <option value="true">seen lately</option>
          <option value="false">not seen lately</option>
        </select>
        {sites.length > 1 && (
          <select
            class="form-select form-select-sm"
            aria-label="Site"
            value={asked.site ?? ''}
            onChange={(event) => changeQuery({ of: event.currentTarget.value })}
          >
            <option value="">all sites</option>
            {sites.map(({ site }) => (
              <option key={site}>{site}</option>
            ))}
          </select>
        )}
        {asked.tag && (
          <button type="button" class="btn btn-outline-secondary btn-sm" onClick={() => changeQuery({ tag: null })}>
            tag {asked.tag} ×
          </button>
        )}
      </div>
      {list.items.length > 0 ? (
        <>
          <ScrollBox label="Assets">
            <table class="table table-hover">
              <thead>
                <tr>
                  <th>Name</th>
                  <th class="is-wide-only">Address</th>
                  <th>MAC, vendor</th>
                  <th class="is-wide-only">Kind</th>
                  <th>Serves</th>
                  <th class="is-wide-only">Tags</th>
                  <th class="is-wide-only">First seen</th>
                  <th>Last seen</th>
                </tr>
              </thead>
              <tbody>
                {list.items.map((asset) => (
                  <Row key={`${asset.site} ${asset.ip}`} asset={asset} hasSites={sites.length > 1} />
                ))}
              </tbody>
            </table>
          </ScrollBox>
          <MoreButton pages={list} />
        </>
      ) : list.problem ? (
        <Failed problem={list.problem} again={list.again} />
      ) : list.isWaiting ? (
        <Waiting what="the assets" />
      ) : isNarrowed ? (
        <Empty icon="assets" title="No asset fits">
          <button
            type="button"
            class="btn btn-outline-secondary btn-sm"
            onClick={() => changeQuery({ text: null, active: null, of: null, tag: null })}
          >
            Show all
          </button>
        </Empty>
      ) : (
        <Empty icon="assets" title="No asset yet">
          <p>
            Devices of the local networks appear here with their first flow. <Link to="/first-run">First run</Link>{' '}
            shows which networks count as local.
          </p>
        </Empty>
      )}
    </Page>
  )
}

/** Ports as people write them; TCP is what is meant unless it is said. */
function Served({ ports }: { readonly ports: Asset['served'] }) {
  const names = ports.map(({ protocol, port }) =>
    protocol === TCP ? String(port) : `${port}/${protocolName(protocol).toLowerCase()}`,
  )
  const shown = names.slice(0, SHOWN_PORTS).join(', ')
  return (
    <span class="served" title={names.length > SHOWN_PORTS ? names.join(', ') : undefined}>
      {shown}
      {names.length > SHOWN_PORTS && ' …'}
    </span>
  )
}

function Row({ asset, hasSites }: { readonly asset: Asset; readonly hasSites: boolean }) {
  const name = asset.name || asset.hostname
  return (
    <tr>
      <th scope="row">
        <Link to={pathWith('/assets', { ip: asset.ip, site: asset.site })}>{name || asset.ip}</Link>
        {asset.name && asset.hostname && asset.hostname !== asset.name && <span class="quiet"> {asset.hostname}</span>}
        {name && <span class="quiet is-narrow-only"> {asset.ip}</span>}
      </th>
      <td class="is-wide-only">
        {asset.ip}
        {hasSites && <span class="quiet"> · {asset.site}</span>}
      </td>
      <td>
        <Mac mac={asset.mac} vendor={asset.vendor} isRandom={asset.macRandom} />
      </td>
      <td class="is-wide-only">{asset.type}</td>
      <td>
        <Served ports={asset.served} />
      </td>
      <td class="is-wide-only">
        {asset.tags.map((tag) => (
          <Link key={tag} class="tag" to={pathWith('/assets', { tag })}>
            {tag}
          </Link>
        ))}
      </td>
      <td class="is-wide-only">
        <Time ms={asset.firstMs} />
      </td>
      <td>
        <Time ms={asset.lastMs} as="ago" /> {!asset.active && <Badge>away</Badge>}
      </td>
    </tr>
  )
}
