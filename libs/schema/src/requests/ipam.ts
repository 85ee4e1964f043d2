// Requests that the asset service (ipam) serves, and what an asset is.
import { z } from 'zod'
import { defineRequest, MAX_ENTRIES } from './contract.ts'
import { AddressText, Count, TimeMs } from './fields.ts'

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
        side: z.enum(['served', 'used']),
        hits: Count,
      }),
    )
    .max(32),
  peers: z.array(z.strictObject({ ip: AddressText, name: z.string().max(255) })).max(8),
})
export type Sighting = z.infer<typeof Sighting>

export const IPAM_SIGHT = defineRequest('ipam.rw.sight', {
  request: z.strictObject({ sightings: z.array(Sighting).min(1).max(MAX_ENTRIES) }),
  reply: z.object({ added: Count.describe('addresses that were not known before'), refused: Count }),
  meaning: 'local addresses that turned up in flows',
})
