// What the first assets are called, for pages that have only addresses. Out: name of a site's address; undefined while it is not known, has none, or
// the asset service does not answer.
import type { ASSETS, ReplyOf } from '@netbehave/schema/api'
import { get } from '../api/ask.ts'
import { useAsk } from '../api/use-ask.ts'

/** Enough for the networks where a person knows devices by name. */
const MOST = 500

export function useAssetNames(): (site: string, ip: string) => string | undefined {
  const list = useAsk('asset-names', (signal) => get<ReplyOf<typeof ASSETS>>('assets', { limit: MOST }, signal))
  const names = new Map(
    (list.answer?.assets ?? []).map(({ site, ip, name, hostname }) => [`${site} ${ip}`, name || hostname]),
  )
  return (site, ip) => names.get(`${site} ${ip}`) || undefined
}
