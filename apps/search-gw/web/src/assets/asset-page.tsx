import type { ASSET_OF, ReplyOf } from '@netbehave/schema/api'
import { useState } from 'preact/hooks'
import { get } from '../api/ask.ts'
import { useAsk } from '../api/use-ask.ts'
import { condition } from '../filter/edit-filter.ts'
import { bytes, count } from '../format/numbers.ts'
import { protocolName } from '../format/protocols.ts'
import { Link } from '../router/link.tsx'
import { navigate, pathWith } from '../router/place.ts'
import { RoleNote } from '../session/role-note.tsx'
import { may } from '../session/session.ts'
import { Badge } from '../ui/badge.tsx'
import { Icon } from '../ui/icon.tsx'
import { Page } from '../ui/page.tsx'
import { Failed, Fault, Waiting } from '../ui/states.tsx'
import { Time } from '../ui/time.tsx'
import { AskedNames } from './asked-names.tsx'
import { EditAsset } from './edit-asset.tsx'
import { ForgetAsset } from './forget-asset.tsx'
import { Mac } from './mac.tsx'
import { Peers } from './peers.tsx'

export type AssetDetail = ReplyOf<typeof ASSET_OF>

export function AssetPage({ ip, site }: { readonly ip: string; readonly site: string | null }) {
  const asset = useAsk(`${site} ${ip}`, (signal) => get<AssetDetail>('asset', { ip, site }, signal))
  const [isEditing, setEditing] = useState(false)
  const [isForgetting, setForgetting] = useState(false)
  const { answer } = asset
  const filter = condition('ip', ip)

  return (
    <Page
      hasOwnTitle
      title={answer ? answer.name || answer.hostname || ip : ip}
      about={answer && `${ip} · ${answer.site}`}
      actions={
        <>
          <Link class="btn btn-outline-secondary btn-sm" to={pathWith('/', { q: filter })}>
            <Icon name="live" /> Live
          </Link>
          <Link class="btn btn-outline-secondary btn-sm" to={pathWith('/search', { q: filter, from: '-24h' })}>
            <Icon name="search" /> History
          </Link>
          {answer && may('operator') && (
            <>
              <button type="button" class="btn btn-primary btn-sm" onClick={() => setEditing(true)}>
                <Icon name="edit" /> Edit
              </button>
              <Link class="btn btn-outline-secondary btn-sm" to={pathWith('/alerts', { mute: 'asset', value: ip })}>
                <Icon name="alerts" /> Mute
              </Link>
              <button type="button" class="btn btn-outline-secondary btn-sm" onClick={() => setForgetting(true)}>
                <Icon name="trash" /> Forget
              </button>
            </>
          )}
        </>
      }
    >
      <p>
        <Link to="/assets">All assets</Link>
      </p>
      <RoleNote needs="operator">To edit or forget an asset is for operators</RoleNote>
      {asset.problem && answer && <Fault problem={asset.problem} again={asset.again} />}
      {!answer &&
        (asset.problem ? <Failed problem={asset.problem} again={asset.again} /> : <Waiting what="the asset" />)}
      <div class="columns">
        {answer && <About asset={answer} />}
        {answer && <Ports ports={answer.ports} />}
        <Peers ip={ip} />
        <AskedNames ip={ip} site={answer?.site ?? site} />
      </div>
      {isEditing && answer && (
        <EditAsset
          asset={answer}
          onClose={(isDone) => {
            setEditing(false)
            if (isDone) asset.again()
          }}
        />
      )}
      {isForgetting && answer && (
        <ForgetAsset
          asset={answer}
          onClose={(isDone) => {
            setForgetting(false)
            if (isDone) navigate('/assets')
          }}
        />
      )}
    </Page>
  )
}

function About({ asset }: { readonly asset: AssetDetail }) {
  const originOf = (field: string) => asset.origins.find((origin) => origin.field === field)
  const rows: readonly (readonly [string, string, string | undefined])[] = [
    ['Name', asset.name, originOf('name')?.source],
    ['Host name', asset.hostname, originOf('hostname')?.source],
    ['Owner', asset.owner, originOf('owner')?.source],
    ['Kind', asset.type, originOf('type')?.source],
  ]
  return (
    <section class="card">
      <h2>About</h2>
      <dl class="fields">
        {rows.map(([label, value, source]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>
              {value || <span class="quiet">not told</span>}
              {value && source && <small class="quiet">by {source}</small>}
            </dd>
          </div>
        ))}
        {asset.macs.map(({ mac, vendor, random, router, lastMs }) => (
          <div key={mac}>
            <dt>MAC</dt>
            <dd>
              <span>
                <Mac mac={mac} vendor={vendor} isRandom={random} />{' '}
                {router && (
                  <Badge title="Seen with many addresses: a router between them and the exporter">router</Badge>
                )}
              </span>
              <small class="quiet">
                <Time ms={lastMs} as="ago" />
              </small>
            </dd>
          </div>
        ))}
        <div>
          <dt>Seen</dt>
          <dd>
            <span>
              <Time ms={asset.firstMs} /> – <Time ms={asset.lastMs} />
            </span>
            {asset.active ? <Badge tone="good">active</Badge> : <Badge>away</Badge>}
          </dd>
        </div>
        <div>
          <dt>Traffic</dt>
          <dd>
            {count(asset.flows)} flows, {bytes(asset.bytes)}
          </dd>
        </div>
        {asset.tags.length > 0 && (
          <div>
            <dt>Tags</dt>
            <dd>
              <span>
                {asset.tags.map((tag) => (
                  <Link key={tag} class="tag" to={pathWith('/assets', { tag })}>
                    {tag}
                  </Link>
                ))}
              </span>
            </dd>
          </div>
        )}
      </dl>
      {asset.note && <p class="asset-note">{asset.note}</p>}
    </section>
  )
}

function Ports({ ports }: { readonly ports: AssetDetail['ports'] }) {
  const served = ports.filter(({ side }) => side === 'served')
  return (
    <section class="card">
      <h2>Ports it serves</h2>
      {served.length === 0 ? (
        <p class="quiet">None was seen.</p>
      ) : (
        <table class="table">
          <thead>
            <tr>
              <th>Port</th>
              <th class="number">Flows</th>
              <th>First</th>
              <th>Last</th>
            </tr>
          </thead>
          <tbody>
            {served.slice(0, 20).map(({ protocol, port, firstMs, lastMs, hits }) => (
              <tr key={`${protocol} ${port}`}>
                <th scope="row">
                  {port} <span class="quiet">{protocolName(protocol)}</span>
                </th>
                <td class="number">{count(hits)}</td>
                <td>
                  <Time ms={firstMs} />
                </td>
                <td>
                  <Time ms={lastMs} as="ago" />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}
