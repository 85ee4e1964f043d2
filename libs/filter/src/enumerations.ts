// Names for numbers. Protocols and TCP flags are IANA's ("Assigned Internet Protocol Numbers", "TCP Header Flags"), as they
// stood in 2025; the others are those of the column table.

/** Name → number; the first name of a number is the one that is printed. */
export type Names = Readonly<Record<string, number>>

export const PROTOCOLS: Names = {
  HOPOPT: 0,
  ICMP: 1,
  IGMP: 2,
  GGP: 3,
  IPv4: 4,
  ST: 5,
  TCP: 6,
  CBT: 7,
  EGP: 8,
  IGP: 9,
  PUP: 12,
  CHAOS: 16,
  UDP: 17,
  HMP: 20,
  RDP: 27,
  DCCP: 33,
  XTP: 36,
  'IDPR-CMTP': 38,
  IPv6: 41,
  'IPv6-Route': 43,
  'IPv6-Frag': 44,
  IDRP: 45,
  RSVP: 46,
  GRE: 47,
  DSR: 48,
  ESP: 50,
  AH: 51,
  MOBILE: 55,
  ICMPv6: 58,
  'IPv6-ICMP': 58,
  'IPv6-NoNxt': 59,
  'IPv6-Opts': 60,
  EIGRP: 88,
  OSPF: 89,
  OSPFIGP: 89,
  'AX.25': 93,
  IPIP: 94,
  ETHERIP: 97,
  ENCAP: 98,
  PIM: 103,
  IPComp: 108,
  VRRP: 112,
  PGM: 113,
  L2TP: 115,
  ISIS: 124,
  SCTP: 132,
  FC: 133,
  'Mobility-Header': 135,
  UDPLite: 136,
  'MPLS-in-IP': 137,
  manet: 138,
  Shim6: 139,
  WESP: 141,
  ROHC: 142,
  Ethernet: 143,
  AGGFRAG: 144,
  NSH: 145,
}

/** Bits of the column `tcpFlags` (RFC 9293 §3.1). */
export const TCP_FLAGS: Names = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16, URG: 32, ECE: 64, CWR: 128 }

/** NetFlow's versions have no other name than their number. */
export const EXPORT_VERSIONS: Names = { IPFIX: 10 }

const NAME_HOW: Names = { own: 1, other: 2, hosts: 3 }

/** Names of the values of a column; 0 is left out where it means "no value". */
export const COLUMN_VALUES: Readonly<Record<string, Names>> = {
  protocol: PROTOCOLS,
  direction: { ingress: 0, egress: 1, in: 0, out: 1 },
  endReason: { idle: 1, active: 2, end: 3, forced: 4, resources: 5 },
  srcNameHow: NAME_HOW,
  dstNameHow: NAME_HOW,
  serviceSide: { src: 1, dst: 2 },
  denat: { exporter: 1, remembered: 2, guess: 3 },
}

/** The first name of a number. */
export function nameOf(names: Names, number: number): string | undefined {
  for (const name in names) if (names[name] === number) return name
  return undefined
}

/** The number of a name, in any case; undefined when there is none. */
export function numberOf(names: Names, name: string): number | undefined {
  if (Object.hasOwn(names, name)) return names[name]
  const lower = name.toLowerCase()
  for (const known in names) if (known.toLowerCase() === lower) return names[known]
  return undefined
}
