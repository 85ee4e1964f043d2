// Which exporters are listened to. In: addresses and CIDRs as text. Fails: parsing throws one sentence.
import ipaddr from 'ipaddr.js'

/** Answers kept, so that a known exporter costs one look-up; forgotten all at once when spoofed addresses fill it. */
const ANSWERS_KEPT = 4096

/** Is this exporter listened to? An empty list allows all. */
export type AllowList = (ip: string) => boolean

export function parseAllowList(entries: readonly string[]): AllowList {
  const prefixes = entries.map((entry) => {
    const [address = '', length] = entry.split('/')
    if (!ipaddr.isValid(address)) throw new Error(`"${entry}" is neither an address nor a CIDR`)
    const parsed = ipaddr.process(address)
    const bits = parsed.kind() === 'ipv4' ? 32 : 128
    const prefixLength = length === undefined ? bits : Number(length)
    if (!Number.isInteger(prefixLength) || prefixLength < 0 || prefixLength > bits) {
      throw new Error(`"${entry}": the prefix length is a whole number from 0 to ${bits}`)
    }
    return { parsed, prefixLength }
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
