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

/** Of ICMP and ICMPv6, type × 256 + code → the name of what is seen every day, else `type 13/0`, type and code as numbers. */
export function icmpMeaning(protocol: number, typeAndCode: number): string {
  const type = typeAndCode >> 8
  const code = typeAndCode & 255
  const { types, codes } = protocol === 1 ? ICMP : ICMPV6
  return (
    codes[`${type}/${code}`] ?? (code === 0 ? types[type] : undefined) ?? `${types[type] ?? 'type'} ${type}/${code}`
  )
}

interface IcmpNames {
  readonly types: Readonly<Record<number, string>>
  /** Where the code says what it is about. */
  readonly codes: Readonly<Record<string, string>>
}

// IANA, "Internet Control Message Protocol (ICMP) Parameters" and "… version 6 (ICMPv6) Parameters", in short.
const ICMP: IcmpNames = {
  types: {
    0: 'echo reply',
    3: 'unreachable',
    4: 'source quench',
    5: 'redirect',
    8: 'echo',
    9: 'router advert',
    10: 'router solicit',
    11: 'time exceeded',
    12: 'parameter problem',
    13: 'timestamp',
    14: 'timestamp reply',
  },
  codes: {
    '3/0': 'net unreachable',
    '3/1': 'host unreachable',
    '3/2': 'proto unreachable',
    '3/3': 'port unreachable',
    '3/4': 'packet too big',
    '3/9': 'net prohibited',
    '3/10': 'host prohibited',
    '3/13': 'prohibited',
    '5/0': 'redirect net',
    '5/1': 'redirect host',
    '11/0': 'ttl exceeded',
    '11/1': 'reassembly timeout',
  },
}
const ICMPV6: IcmpNames = {
  types: {
    1: 'unreachable',
    2: 'packet too big',
    3: 'time exceeded',
    4: 'parameter problem',
    128: 'echo',
    129: 'echo reply',
    130: 'listener query',
    131: 'listener report',
    132: 'listener done',
    133: 'router solicit',
    134: 'router advert',
    135: 'neighbour solicit',
    136: 'neighbour advert',
    137: 'redirect',
    143: 'listener report',
  },
  codes: {
    '1/0': 'no route',
    '1/1': 'prohibited',
    '1/3': 'host unreachable',
    '1/4': 'port unreachable',
    '3/0': 'hop limit exceeded',
    '3/1': 'reassembly timeout',
  },
}
