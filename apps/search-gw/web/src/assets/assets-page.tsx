import { place } from '../router/place.ts'
import { AssetList } from './asset-list.tsx'
import { AssetPage } from './asset-page.tsx'
import './assets.css'

/** The list, or with `?ip=` one asset. */
export function AssetsPage() {
  const { query } = place.value
  const ip = query.get('ip')
  return ip ? <AssetPage key={`${query.get('site')} ${ip}`} ip={ip} site={query.get('site')} /> : <AssetList />
}
