// Which exporters are listened to. In: addresses and CIDRs as text. Fails: parsing throws one sentence.
import ipaddr from 'ipaddr.js'
import { parsePrefix } from './prefix.ts'

/** Answers kept, so that a known exporter costs one look-up; forgotten all at once when spoofed addresses fill it. */
const ANSWERS_KEPT = 4096

/** Is this exporter listened to? An empty list allows all. */
export type AllowList = (ip: string) => boolean

export function parseAllowList(entries: readonly string[]): AllowList {
  const prefixes = entries.map((entry) => {
    const { address, length } = parsePrefix(entry)
    const given = ipaddr.parse(address)
    const parsed = ipaddr.process(address)
    if (given.kind() === parsed.kind()) return { parsed, prefixLength: length }
    // IPv4 written as mapped IPv6.
    if (length < 96)
      throw new Error(`"${entry}": the prefix length of a mapped address is a whole number from 96 to 128`)
    return { parsed, prefixLength: length - 96 }
  })
  if (prefixes.length === 0) return () => true
  const answers = new Map<string, boolean>()
  return (ip) => {
    const known = answers.get(ip)
    if (known !== undefined) return known
    const address = ipaddr.process(ip)
    const allowed = prefixes.some(
      ({ parsed, prefixLength }) => parsed.kind() === address.kind() && address.match(parsed, prefixLength),
    )
    if (answers.size >= ANSWERS_KEPT) answers.clear()
    answers.set(ip, allowed)
    return allowed
  }
}
