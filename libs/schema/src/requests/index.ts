import {
  ALERTS_INFO,
  ALERTS_LEARNED,
  ALERTS_LIST,
  ALERTS_MUTE,
  ALERTS_RESEND,
  ALERTS_TEST,
  ALERTS_UNMUTE,
} from './alerts.ts'
import type { RequestContract } from './contract.ts'
import {
  DNS_CACHED,
  DNS_FLUSH,
  DNS_FORWARD,
  DNS_INFO,
  DNS_LEASES,
  DNS_LIST,
  DNS_QUERY,
  DNS_REPLY,
  DNS_RESIZE,
  DNS_REVERSE,
  DNS_RUNS,
  DNS_STATS,
} from './dns.ts'
import {
  IPAM_EDIT,
  IPAM_EXPORT,
  IPAM_FORGET,
  IPAM_GET,
  IPAM_IMPORT,
  IPAM_INFO,
  IPAM_LABELS,
  IPAM_LIST,
  IPAM_SIGHT,
  IPAM_STATS,
} from './ipam.ts'
import { WHOIS_FLUSH, WHOIS_INFO, WHOIS_LOOKUP, WHOIS_PUT, WHOIS_STATS } from './whois.ts'

export * from './alerts.ts'
export * from './contract.ts'
export * from './dns.ts'
export * from './fields.ts'
export * from './ipam.ts'
export * from './whois.ts'

/** Every request of the system, in the order of docs/subjects.md. */
export const REQUESTS: readonly RequestContract[] = [
  DNS_REVERSE,
  DNS_RUNS,
  DNS_FORWARD,
  DNS_LIST,
  DNS_LEASES,
  DNS_INFO,
  DNS_QUERY,
  DNS_REPLY,
  DNS_CACHED,
  DNS_FLUSH,
  DNS_RESIZE,
  DNS_STATS,
  WHOIS_LOOKUP,
  WHOIS_INFO,
  WHOIS_PUT,
  WHOIS_FLUSH,
  WHOIS_STATS,
  IPAM_LABELS,
  IPAM_LIST,
  IPAM_GET,
  IPAM_INFO,
  IPAM_SIGHT,
  IPAM_EDIT,
  IPAM_FORGET,
  IPAM_EXPORT,
  IPAM_IMPORT,
  IPAM_STATS,
  ALERTS_LIST,
  ALERTS_INFO,
  ALERTS_MUTE,
  ALERTS_UNMUTE,
  ALERTS_RESEND,
  ALERTS_TEST,
  ALERTS_LEARNED,
]
