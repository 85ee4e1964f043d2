// Assets: asked of the asset service over the broker, as the connection of the user's role.
import { z } from 'zod'
import { AddressText, SiteName } from '../requests/fields.ts'
import {
  AssetEdit,
  IPAM_EDIT,
  IPAM_FORGET,
  IPAM_GET,
  IPAM_IMPORT,
  IPAM_INFO,
  IPAM_LIST,
  IPAM_STATS,
  IpamEditRequest,
  MAX_ASSET_PAGE,
} from '../requests/ipam.ts'
import { wholeNumber, YesNo } from './parts.ts'
import { defineRoute } from './route.ts'

/** `site/address`, as `next` of a page has it. */
const Place = z.string().regex(/^[A-Za-z0-9_-]{1,64}\/[0-9a-fA-F:.]{2,45}$/, 'write SITE/ADDRESS')

export const ASSETS = defineRoute({
  method: 'GET',
  path: '/assets',
  role: 'viewer',
  tag: 'assets',
  summary: 'assets by site and address, a page at a time',
  query: z.strictObject({
    site: SiteName.optional(),
    text: z.string().max(128).optional().describe('is part of any field that people read'),
    active: YesNo.optional().describe('absent: both'),
    tag: z.string().min(1).max(64).optional(),
    after: Place.optional().describe('`next` of the page before, as `site/ip`'),
    limit: wholeNumber(1, MAX_ASSET_PAGE, 100),
  }),
  reply: IPAM_LIST.reply,
  etag: true,
})
export const ASSET_OF = defineRoute({
  method: 'GET',
  path: '/asset',
  role: 'viewer',
  tag: 'assets',
  summary: 'one asset in full; without a site the only one that has the address',
  query: z.strictObject({ ip: AddressText, site: SiteName.optional() }),
  reply: IPAM_GET.reply,
  etag: true,
})
const params = z.object({ site: SiteName, ip: AddressText })
export const EDIT_ASSET = defineRoute({
  method: 'PATCH',
  path: '/assets/{site}/{ip}',
  role: 'operator',
  tag: 'assets',
  summary: 'what a person says of an asset; 409 when it was changed meanwhile',
  params,
  body: z.strictObject({
    version: IpamEditRequest.shape.version,
    set: AssetEdit.default({}),
    unlock: IpamEditRequest.shape.unlock,
  }),
  reply: IPAM_EDIT.reply,
})
export const FORGET_ASSET = defineRoute({
  method: 'DELETE',
  path: '/assets/{site}/{ip}',
  role: 'operator',
  tag: 'assets',
  summary: 'forget an asset; the next sighting makes it new',
  params,
  reply: IPAM_FORGET.reply,
})
export const ASSETS_INFO = defineRoute({
  method: 'GET',
  path: '/assets/info',
  role: 'viewer',
  tag: 'assets',
  summary: 'how many assets there are, by site',
  reply: IPAM_INFO.reply,
})
export const ASSETS_STATS = defineRoute({
  method: 'GET',
  path: '/assets/stats',
  role: 'admin',
  tag: 'assets',
  summary: 'what was seen, refused and told, and what waits',
  reply: IPAM_STATS.reply,
})
export const EXPORT_ASSETS = defineRoute({
  method: 'GET',
  path: '/assets/export',
  role: 'admin',
  tag: 'assets',
  summary: 'every asset as a line of JSON, as an import takes it',
  query: z.strictObject({ site: SiteName.optional() }),
  reply: { media: ['application/x-ndjson'], meaning: 'an asset a line' },
})
export const IMPORT_ASSETS = defineRoute({
  method: 'POST',
  path: '/assets/import',
  role: 'admin',
  tag: 'assets',
  summary: 'assets from a file; the same again changes nothing',
  body: IPAM_IMPORT.request,
  reply: IPAM_IMPORT.reply,
})
