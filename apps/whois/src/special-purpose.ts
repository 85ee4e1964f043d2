// Addresses that no registry is ever asked about: private, reserved, special-purpose, multicast, and IPv6 that is not global unicast.
// Source: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890, RFC 8190), written down on 2026-11-24 from the RFCs that the rows
// name, and compared row by row on that day with what other projects wrote down of them, the latest as of 2026-10-01, and with Python's
// ipaddress: no block is missing, none is too many. IANA's own files were not at hand. With the blocks that are globally reachable as well
// (anycast and AS112 services, which nobody holds in the sense of whois); multicast from the IANA address space registries.
import { type AddressRange, contains, parseBlock } from './address-range.ts'

/** Block and IANA's name of it; what lies within another block of the table is left out. */
export const SPECIAL_PURPOSE: readonly (readonly [block: string, name: string])[] = [
  ['0.0.0.0/8', 'This network (RFC 791)'],
  ['10.0.0.0/8', 'Private-Use (RFC 1918)'],
  ['100.64.0.0/10', 'Shared Address Space (RFC 6598)'],
  ['127.0.0.0/8', 'Loopback (RFC 1122)'],
  ['169.254.0.0/16', 'Link Local (RFC 3927)'],
  ['172.16.0.0/12', 'Private-Use (RFC 1918)'],
  ['192.0.0.0/24', 'IETF Protocol Assignments (RFC 6890)'],
  ['192.0.2.0/24', 'Documentation (TEST-NET-1, RFC 5737)'],
  ['192.31.196.0/24', 'AS112-v4 (RFC 7535)'],
  ['192.52.193.0/24', 'AMT (RFC 7450)'],
  ['192.88.99.0/24', 'Deprecated (6to4 Relay Anycast, RFC 7526)'],
  ['192.168.0.0/16', 'Private-Use (RFC 1918)'],
  ['192.175.48.0/24', 'Direct Delegation AS112 Service (RFC 7534)'],
  ['198.18.0.0/15', 'Benchmarking (RFC 2544)'],
  ['198.51.100.0/24', 'Documentation (TEST-NET-2, RFC 5737)'],
  ['203.0.113.0/24', 'Documentation (TEST-NET-3, RFC 5737)'],
  ['224.0.0.0/4', 'Multicast (RFC 5771)'],
  ['240.0.0.0/4', 'Reserved, and Limited Broadcast (RFC 1112, RFC 8190)'],
  ['::/128', 'Unspecified Address (RFC 4291)'],
  ['::1/128', 'Loopback Address (RFC 4291)'],
  ['64:ff9b::/96', 'IPv4-IPv6 Translation (RFC 6052)'],
  ['64:ff9b:1::/48', 'IPv4-IPv6 Translation (RFC 8215)'],
  ['100::/64', 'Discard-Only Address Block (RFC 6666)'],
  ['100:0:0:1::/64', 'Dummy IPv6 Prefix (RFC 9780)'],
  ['2001::/23', 'IETF Protocol Assignments (RFC 2928): Teredo, benchmarking, ORCHID, DRIP, anycast'],
  ['2001:db8::/32', 'Documentation (RFC 3849)'],
  ['2002::/16', '6to4 (RFC 3056)'],
  ['2620:4f:8000::/48', 'Direct Delegation AS112 Service (RFC 7534)'],
  ['3fff::/20', 'Documentation (RFC 9637)'],
  ['5f00::/16', 'Segment Routing SIDs (RFC 9602)'],
  ['fc00::/7', 'Unique-Local (RFC 4193)'],
  ['fe80::/10', 'Link-Local Unicast (RFC 4291)'],
  ['ff00::/8', 'Multicast (RFC 4291)'],
]

const RANGES: readonly AddressRange[] = SPECIAL_PURPOSE.map(([block]) => parseBlock(block)!)
const GLOBAL_UNICAST = parseBlock('2000::/3')!
const IPV4 = parseBlock('0.0.0.0/0')!

/** Also true for IPv6 outside of 2000::/3: nobody holds it. */
export function isSpecialPurpose(value: bigint): boolean {
  if (!contains(IPV4, value) && !contains(GLOBAL_UNICAST, value)) return true
  return RANGES.some((range) => contains(range, value))
}

/** Is a block wholly inside one block of the table? One that only reaches into it says nothing of its addresses. */
export const isWithinSpecialPurpose = ({ start, end }: AddressRange): boolean =>
  RANGES.some((range) => contains(range, start) && contains(range, end))
