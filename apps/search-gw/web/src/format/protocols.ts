// Names of protocols, TCP flags and ICMP types. Source: IANA, "Assigned Internet Protocol Numbers", "ICMP Type Numbers",
// "ICMPv6 type Numbers"; RFC 9293 §3.1.

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

export const protocolName = (protocol: number): string => PROTOCOLS[protocol] ?? String(protocol)

export const isIcmp = (protocol: number): boolean => protocol === 1 || protocol === 58

const ICMP: Readonly<Record<number, string>> = {
  0: 'echo reply',
  3: 'unreachable',
  5: 'redirect',
  8: 'echo',
  11: 'time exceeded',
}
const ICMPV6: Readonly<Record<number, string>> = {
  1: 'unreachable',
  2: 'too big',
  3: 'time exceeded',
  128: 'echo',
  129: 'echo reply',
  133: 'router solicitation',
  134: 'router advertisement',
  135: 'neighbour solicitation',
  136: 'neighbour advertisement',
}

/** type × 256 + code → `echo`, or `type 13/0`. */
export function icmpMeaning(protocol: number, typeAndCode: number): string {
  const type = typeAndCode >> 8
  return (protocol === 1 ? ICMP : ICMPV6)[type] ?? `type ${type}/${typeAndCode & 255}`
}

const FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR']

/** 18 → SYN ACK. */
export const tcpFlags = (value: number): string => FLAGS.filter((_, bit) => value & (1 << bit)).join(' ') || 'none'
