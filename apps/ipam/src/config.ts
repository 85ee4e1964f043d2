// Settings of the asset service: section `ipam` of netbehave.yaml, IPAM_… in the environment, flags.
import { z } from 'zod'

const MIB = 1024 * 1024

export const IpamConfig = z.strictObject({
  activeDays: z
    .number()
    .min(0.01)
    .max(3650)
    .default(7)
    .describe('an asset that was seen within so many days is active'),
  backAfterDays: z
    .number()
    .min(0.01)
    .max(3650)
    .default(30)
    .describe('an asset that was not seen for so many days, and then is, is told as back; the same for a MAC'),
  routerMacAddresses: z
    .int()
    .min(1)
    .max(10_000)
    .default(4)
    .describe("a MAC that more IPv4 addresses had within a day (IPv6: four times as many) is a router's, not theirs"),
  maxAssetsPerSite: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(65_536)
    .describe('assets kept for one site; then those seen longest ago go, never those that a person edited'),
  maxSites: z.int().min(1).max(10_000).default(256).describe('sites that have assets; sightings of more are refused'),
  maxEvents: z
    .int()
    .min(2)
    .max(10_000_000)
    .default(65_536)
    .describe('events that wait for the broker; then sightings are put off, so that nothing new is missed'),
  localZones: z
    .array(
      z
        .string()
        .regex(/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/, 'write a zone in lower case without dots at its ends, for example lan'),
    )
    .default(['lan', 'home.arpa', 'internal', 'home', 'localdomain', 'local'])
    .describe(
      'zones of your own DNS server: what clients are told of names in them counts as host name, after leases and hosts files. Never a zone in which others may make names',
    )
    .meta({ examples: [['lan', 'office.example.org']] }),
  leasesIntervalMs: z
    .int()
    .min(100)
    .default(60_000)
    .describe('how often dns-ingest is asked for new leases of DHCP: MAC and host name of addresses'),
  newLogBytes: z
    .int()
    .min(1024)
    .default(MIB)
    .describe('size at which the log of new addresses (ipam.new) is begun anew'),
  newLogFiles: z.int().min(0).max(100).default(4).describe('older ones that are kept: ipam.new.1 and so on'),
})
export type IpamConfig = z.infer<typeof IpamConfig>
