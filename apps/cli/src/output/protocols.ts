// Names of the protocols that a network sees, for people. Source: IANA, "Assigned Internet Protocol Numbers".

const PROTOCOLS: Readonly<Record<number, string>> = {
  1: 'ICMP',
  2: 'IGMP',
  4: 'IPv4',
  6: 'TCP',
  17: 'UDP',
  33: 'DCCP',
  41: 'IPv6',
  47: 'GRE',
  50: 'ESP',
  51: 'AH',
  58: 'ICMPv6',
  89: 'OSPF',
  103: 'PIM',
  112: 'VRRP',
  132: 'SCTP',
  136: 'UDPLite',
}

/** The name, or the number as text. */
export const protocolName = (protocol: number): string => PROTOCOLS[protocol] ?? String(protocol)

export const isIcmp = (protocol: number): boolean => protocol === 1 || protocol === 58

/** Of ICMP and ICMPv6, type × 256 + code → words for the types that are seen every day (IANA, "ICMP Type Numbers"). */
export function icmpMeaning(protocol: number, typeAndCode: number): string {
  const type = typeAndCode >> 8
  const code = typeAndCode & 255
  const name = (protocol === 1 ? ICMP_TYPES : ICMPV6_TYPES)[type]
  return `type ${type} code ${code}${name ? ` (${name})` : ''}`
}

const ICMP_TYPES: Readonly<Record<number, string>> = {
  0: 'echo reply',
  3: 'unreachable',
  5: 'redirect',
  8: 'echo',
  9: 'router advertisement',
  11: 'time exceeded',
}
const ICMPV6_TYPES: Readonly<Record<number, string>> = {
  1: 'unreachable',
  2: 'packet too big',
  3: 'time exceeded',
  128: 'echo',
  129: 'echo reply',
  133: 'router solicitation',
  134: 'router advertisement',
  135: 'neighbour solicitation',
  136: 'neighbour advertisement',
}
