// Requests that the asset service (ipam) serves, and what an asset is. Source of meanings: docs/architecture.md, "ipam".
import { z } from 'zod'
import { defineRequest, MAX_ENTRIES } from './contract.ts'
import { AddressText, Count, Nothing, SiteName, TimeMs } from './fields.ts'

const MacText = z.string().regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/, 'is no MAC address as aa:bb:cc:dd:ee:ff')
const Site = z.string().min(1).max(64)

/** A device on a local network, by its address. What a person set is never overwritten by what was seen. */
export const Asset = z.object({
  ip: AddressText,
  site: Site,
  mac: MacText.nullable(),
  macRandom: z
    .boolean()
    .describe('the MAC is made up by the device (locally administered), so its vendor is not known'),
  vendor: z.string().max(128).describe('of the MAC, by the IEEE list; empty: not known'),
  hostname: z.string().max(253).describe('as DHCP or reverse DNS tell it; empty: not known'),
  name: z.string().max(128).describe('as a person named it; empty: not named'),
  owner: z.string().max(128),
  type: z.string().max(64).describe('kind of device, as a person says'),
  note: z.string().max(2000),
  tags: z.array(z.string().min(1).max(64)).max(32),
  firstMs: TimeMs,
  lastMs: TimeMs,
  active: z.boolean().describe('seen lately'),
})
export type Asset = z.infer<typeof Asset>

/** What to call an asset on a flow: its name, else the host name, else nothing. */
export const assetLabel = (asset: Pick<Asset, 'name' | 'hostname'>): string => asset.name || asset.hostname

/** Fields that a person may set. */
export const ASSET_FIELDS = ['hostname', 'name', 'owner', 'type', 'note', 'tags'] as const
export type AssetField = (typeof ASSET_FIELDS)[number]

/** Who says what stands in a field. */
export const FIELD_SOURCES = ['person', 'import', 'dhcp', 'hosts', 'dns'] as const
export type FieldSource = (typeof FIELD_SOURCES)[number]

export const FieldOrigin = z.object({
  field: z.enum(ASSET_FIELDS),
  source: z.enum(FIELD_SOURCES),
  locked: z.boolean().describe('what is seen later does not change it'),
  atMs: TimeMs,
})
export type FieldOrigin = z.infer<typeof FieldOrigin>

/** MAC addresses of one asset that are remembered, and its ports; those seen longest ago go. */
export const MAX_MACS = 16
export const MAX_PORTS = 128

export const PORT_SIDES = ['served', 'used'] as const

/** An asset in full, as people look at it. */
export const AssetDetail = Asset.extend({
  version: Count.describe('counts what people change; an edit says which one it read'),
  flows: Count,
  bytes: Count,
  origins: z.array(FieldOrigin).max(ASSET_FIELDS.length).describe('of the fields that anybody said something about'),
  macs: z
    .array(
      z.object({
        mac: MacText,
        random: z.boolean(),
        vendor: z.string().max(128),
        router: z.boolean().describe('seen with so many addresses that it is a router between them and the exporter'),
        firstMs: TimeMs,
        lastMs: TimeMs,
      }),
    )
    .max(MAX_MACS)
    .describe('that it was seen with, newest first'),
  ports: z
    .array(
      z.object({
        protocol: z.number().int().min(0).max(255),
        port: z.number().int().min(0).max(65535),
        side: z.enum(PORT_SIDES),
        firstMs: TimeMs,
        lastMs: TimeMs,
        hits: Count,
      }),
    )
    .max(MAX_PORTS)
    .describe('served and used, most hits first'),
})
export type AssetDetail = z.infer<typeof AssetDetail>

/** A local address in the flows of an enricher, at most once in 5 minutes for each address. */
export const Sighting = z.strictObject({
  ip: AddressText,
  site: Site,
  mac: MacText.nullable(),
  firstMs: TimeMs,
  lastMs: TimeMs,
  flows: Count,
  bytes: Count,
  ports: z
    .array(
      z.strictObject({
        protocol: z.number().int().min(0).max(255),
        port: z.number().int().min(0).max(65535),
        side: z.enum(PORT_SIDES),
        hits: Count,
      }),
    )
    .max(32),
  peers: z.array(z.strictObject({ ip: AddressText, name: z.string().max(255) })).max(8),
})
export type Sighting = z.infer<typeof Sighting>

export const IPAM_LABELS = defineRequest('ipam.ro.labels', {
  request: z.strictObject({ site: SiteName, addresses: z.array(AddressText).min(1).max(MAX_ENTRIES) }),
  reply: z.object({
    labels: z
      .array(z.string().min(1).max(253).nullable())
      .max(MAX_ENTRIES)
      .describe('`assetLabel` for each address in order; null: no asset, or nothing to call it by'),
  }),
  meaning: 'what to call addresses on flows, for caches',
})

/** Ports that a row of the list names. */
export const MAX_LISTED_PORTS = 8

/** An asset as it stands in the list. */
export const ListedAsset = Asset.extend({
  served: z
    .array(z.object({ protocol: z.number().int().min(0).max(255), port: z.number().int().min(0).max(65535) }))
    .max(MAX_LISTED_PORTS)
    .describe('ports that it serves, most hits first; of more, the first'),
})
export type ListedAsset = z.infer<typeof ListedAsset>

/** Assets in one page at most; a page may be shorter, so that it fits a message. */
export const MAX_ASSET_PAGE = 500

/** Which asset; the order of pages is by site, then by address as a number. */
export const AssetKey = z.strictObject({ site: SiteName, ip: AddressText })
export type AssetKey = z.infer<typeof AssetKey>

export const AssetListRequest = z.strictObject({
  site: SiteName.optional().describe('absent: all sites'),
  text: z.string().max(128).optional().describe('is part of any field that people read, in upper or lower case'),
  active: z.boolean().optional().describe('absent: both'),
  tag: z.string().min(1).max(64).optional(),
  after: AssetKey.optional().describe('`next` of the page before'),
  limit: Count.min(1).max(MAX_ASSET_PAGE).default(100),
})
export type AssetListRequest = z.infer<typeof AssetListRequest>

export const IPAM_LIST = defineRequest('ipam.ro.list', {
  request: AssetListRequest,
  reply: z.object({
    assets: z.array(ListedAsset).max(MAX_ASSET_PAGE),
    next: AssetKey.nullable().describe('`after` of the next page; null: there is none'),
  }),
  meaning: 'assets, a page at a time',
})

export const IPAM_GET = defineRequest('ipam.ro.get', {
  request: z.strictObject({
    ip: AddressText,
    site: SiteName.optional().describe('absent: the only site that has it; 409 when there are several'),
  }),
  reply: AssetDetail,
  meaning: 'one asset in full; 404 when there is none',
})

export const IpamInfoReply = z.object({
  assets: Count,
  active: Count,
  edited: Count.describe('assets that a person changed; these are never given up'),
  sites: z.array(z.object({ site: Site, assets: Count, active: Count })).max(MAX_ENTRIES),
  sitesLeftOut: Count,
  maxAssetsPerSite: Count,
  vendorsFrom: z.string().max(32).describe('date of the list of vendors'),
})
export type IpamInfoReply = z.infer<typeof IpamInfoReply>
export const IPAM_INFO = defineRequest('ipam.ro.info', {
  request: Nothing,
  reply: IpamInfoReply,
  meaning: 'how many assets there are, by site',
})

export const IPAM_SIGHT = defineRequest('ipam.rw.sight', {
  request: z.strictObject({ sightings: z.array(Sighting).min(1).max(MAX_ENTRIES) }),
  reply: z.object({
    added: Count.describe('addresses that were not known before'),
    refused: Count.describe('no address of one device (multicast, broadcast, unspecified), or no room for it'),
  }),
  meaning: 'local addresses that turned up in flows',
})

/** Control characters and what turns the direction of text have no place in what people read. */
const line = (max: number) =>
  z
    .string()
    .max(max)
    .refine((text) => !/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(text), 'has a control character')
/** As `line`, and may have several. */
const lines = (max: number) =>
  z
    .string()
    .max(max)
    .refine((text) => !/[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/u.test(text), 'has a control character')

/** What a person says of an asset; what is absent stays as it is, an empty text takes it away. */
export const AssetEdit = z.strictObject({
  hostname: line(253).optional(),
  name: line(128).optional(),
  owner: line(128).optional(),
  type: line(64).optional(),
  note: lines(2000).optional(),
  tags: z.array(line(64).min(1)).max(32).optional(),
})
export type AssetEdit = z.infer<typeof AssetEdit>

export const IpamEditRequest = AssetKey.extend({
  version: Count.optional().describe('as it was read: 409 when it is another by now; absent: whatever it is'),
  set: AssetEdit.default({}),
  unlock: z
    .array(z.enum(ASSET_FIELDS))
    .max(ASSET_FIELDS.length)
    .default([])
    .describe('fields that may change again by what is seen'),
})
export type IpamEditRequest = z.infer<typeof IpamEditRequest>
export const IPAM_EDIT = defineRequest('ipam.rw.edit', {
  request: IpamEditRequest,
  reply: AssetDetail,
  meaning: 'what a person says of an asset; 404 when there is none, 409 when it was changed meanwhile',
})

export const IPAM_FORGET = defineRequest('ipam.rw.forget', {
  request: z.strictObject({ assets: z.array(AssetKey).min(1).max(MAX_ENTRIES) }),
  reply: z.object({ forgotten: Count.describe('those that were known') }),
  meaning: 'forget assets; the next sighting makes them new',
})

/** A row of an export: what an import needs to make the same asset. */
export const AssetRecord = Asset.extend({
  locked: z.array(z.enum(ASSET_FIELDS)).max(ASSET_FIELDS.length),
})
export type AssetRecord = z.infer<typeof AssetRecord>

export const IPAM_EXPORT = defineRequest('ipam.admin.export', {
  request: z.strictObject({
    site: SiteName.optional().describe('absent: all sites'),
    after: AssetKey.optional().describe('`next` of the page before'),
    limit: Count.min(1).max(MAX_ASSET_PAGE).default(MAX_ASSET_PAGE),
  }),
  reply: z.object({ assets: z.array(AssetRecord).max(MAX_ASSET_PAGE), next: AssetKey.nullable() }),
  meaning: 'all assets, a page at a time, as an import takes them',
})

/** An asset that a file tells of. What is absent stays as it is; an address that is not known is added without an event "new". */
export const AssetImport = AssetKey.extend({
  ...AssetEdit.shape,
  mac: MacText.nullable().optional().describe('taken where none was seen'),
  firstMs: TimeMs.optional(),
  lastMs: TimeMs.optional(),
  locked: z
    .array(z.enum(ASSET_FIELDS))
    .max(ASSET_FIELDS.length)
    .optional()
    .describe('fields that what is seen does not change; absent: those that the import changes'),
})
export type AssetImport = z.infer<typeof AssetImport>

export const IPAM_IMPORT = defineRequest('ipam.admin.import', {
  request: z.strictObject({ assets: z.array(AssetImport).min(1).max(MAX_ENTRIES) }),
  reply: z.object({
    added: Count,
    changed: Count,
    same: Count,
    refused: z.array(z.object({ index: Count, reason: z.string().max(255) })).max(MAX_ENTRIES),
  }),
  meaning: 'assets from a file; the same again changes nothing',
})

export const IpamStatsReply = z.object({
  counters: z.record(z.string().max(64), Count).describe('since the service started'),
  outbox: z.object({ waiting: Count, oldestMs: TimeMs.nullable() }).describe('events that the broker has not yet'),
  databaseBytes: Count,
})
export type IpamStatsReply = z.infer<typeof IpamStatsReply>
export const IPAM_STATS = defineRequest('ipam.admin.stats', {
  request: Nothing,
  reply: IpamStatsReply,
  meaning: 'what was seen, refused and told, and what waits',
})
