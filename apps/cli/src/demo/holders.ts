// Who holds the addresses that the demo's devices talk to: as a registry would say it, and made up like the names. The demo puts them,
// since nobody is asked about addresses of documentation.
import type { Broker } from '@netbehave/broker'
import { type AddressHolder, WHOIS_PUT } from '@netbehave/schema'
import { request } from '../assets.ts'

type Put = Omit<AddressHolder, 'fetchedMs'>

/** Addresses `first` to `last` (last byte) of `prefix`. */
const block = (org: string, prefix: string, first: number, last: number): Put => ({
  name: org.toUpperCase().replaceAll(' ', '-'),
  org,
  startAddress: `${prefix}.${first}`,
  endAddress: `${prefix}.${last}`,
  registry: 'ripe',
  country: '',
})

/** Every address of `DESTINATIONS` that is outside is in one of them. */
export const HOLDERS: readonly Put[] = [
  block('Edge Example', '203.0.113', 8, 15),
  block('Photos Example', '203.0.113', 16, 23),
  block('Schools Example', '203.0.113', 24, 31),
  block('Streaming Example', '203.0.113', 40, 47),
  block('Systems Example', '203.0.113', 64, 71),
  block('Games Example', '203.0.113', 88, 95),
  block('Television Example', '203.0.113', 120, 127),
  block('Company Example', '198.51.100', 8, 23),
  block('Mail Example', '198.51.100', 24, 31),
  block('Company Example', '198.51.100', 48, 55),
  block('Phones Example', '198.51.100', 56, 63),
  block('Access Example', '198.51.100', 76, 79),
  block('Backup Example', '198.51.100', 80, 87),
  block('Company Example', '198.51.100', 88, 91),
  block('Chat Example', '198.51.100', 92, 95),
  block('Cameras Example', '192.0.2', 72, 79),
  block('Heating Example', '192.0.2', 88, 95),
  block('Time Example', '192.0.2', 120, 127),
]

/** Throws CommandError. */
export async function nameHolders(broker: Broker): Promise<void> {
  await request(broker, WHOIS_PUT, { holders: [...HOLDERS] })
}
