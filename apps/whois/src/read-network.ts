// An RDAP answer about an address (RFC 9083 §5.4, jCard of RFC 7095) → the block and who holds it. In: JSON from a registry, which
// may say anything. Out: a network that may be kept, or why not. Never throws.
import { type AddressRange, contains, familyOf, parseValue, widthBits } from './address-range.ts'
import type { Network } from './holder-store.ts'

export type ReadProblem = 'not-json' | 'not-network' | 'range'
export type ReadAnswer =
  | { readonly kind: 'network'; readonly network: Network }
  | { readonly kind: 'none' }
  | { readonly kind: 'problem'; readonly problem: ReadProblem }

/** No registry gives more than a /8 of IPv4 or a /12 of IPv6 to one holder, or was itself given more: in bits of its width. */
export const WIDEST_BITS = { 4: 24, 6: 116 } as const
/** Text that is kept at most, in UTF-16 units. */
export const MAX_TEXT = 255
/** Entities of an answer that are looked at. */
const MAX_ENTITIES = 100

/** Blocks that a registry names in place of "somebody else's": they tell nobody who holds the address. */
const NOBODY = /^(NON-RIPE-NCC-MANAGED-ADDRESS-BLOCK|IANA-BLK|IANA-NETBLOCK-\d+|ERX-NETBLOCK)$/

// Controls, line and paragraph separators, zero-width signs and what turns the direction of writing.
const UNWANTED = /[\p{Cc}\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+/gu

type Json = Readonly<Record<string, unknown>>

export function readNetwork(body: string, asked: bigint): ReadAnswer {
  const json = parseObject(body)
  if (json === undefined) return { kind: 'problem', problem: 'not-json' }
  if (json.objectClassName !== 'ip network') return { kind: 'problem', problem: 'not-network' }
  const range = readRange(json)
  const name = cleanText(json.name) || cleanText(json.handle)
  if (NOBODY.test(name)) return { kind: 'none' }
  if (range === undefined || !isCredible(range, asked)) return { kind: 'problem', problem: 'range' }
  if (name === '') return { kind: 'problem', problem: 'not-network' }
  const country =
    typeof json.country === 'string' && /^[A-Za-z]{2}$/.test(json.country) ? json.country.toUpperCase() : ''
  return { kind: 'network', network: { ...range, name, org: readOrg(json) || name, country } }
}

/** Begins before it ends, in one family, no wider than any block, and holds the address. */
export function isCredible(range: AddressRange, asked: bigint = range.start): boolean {
  if (range.start > range.end || familyOf(range.start) !== familyOf(range.end)) return false
  return contains(range, asked) && widthBits(range) <= WIDEST_BITS[familyOf(range.start)]
}

/** What a registry calls something, fit to be kept and shown: no controls, single blanks, at most MAX_TEXT. */
export function cleanText(text: unknown): string {
  if (typeof text !== 'string') return ''
  const clean = text
    .slice(0, 4 * MAX_TEXT)
    .replaceAll(UNWANTED, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
  // A pair of surrogates that the cut goes through leaves half a character.
  return clean
    .slice(0, MAX_TEXT)
    .replace(/[\ud800-\udbff]$/, '')
    .toWellFormed()
    .trim()
}

function readRange({ startAddress, endAddress }: Json): AddressRange | undefined {
  // Some servers write the length behind the address.
  const parse = (text: unknown) => (typeof text === 'string' ? parseValue(text.split('/')[0]!.trim()) : undefined)
  const [start, end] = [parse(startAddress), parse(endAddress)]
  return start === undefined || end === undefined ? undefined : { start, end }
}

interface Registrant {
  readonly handle: string
  readonly fullName: string
  /** RFC 6350 §6.1.4: individual, group, org, location, or what else is written. */
  readonly kind: string
}

/**
 * The registrant that is an organisation; else one that does not say what it is, unless its name is but a handle (RIPE's maintainers);
 * else what the registry has as a description. People's names are not taken.
 */
function readOrg(network: Json): string {
  const registrants = readRegistrants(network)
  const org = registrants.find(({ kind }) => kind === 'org')
  const other = registrants.find(
    ({ kind, fullName, handle }) => kind !== 'individual' && fullName !== handle && !/-MNT$/i.test(fullName),
  )
  return org?.fullName || other?.fullName || readDescription(network)
}

function readRegistrants({ entities }: Json): Registrant[] {
  if (!Array.isArray(entities)) return []
  return entities.slice(0, MAX_ENTITIES).flatMap((entity: unknown) => {
    if (!isObject(entity) || !Array.isArray(entity.roles) || !entity.roles.includes('registrant')) return []
    const fullName = cleanText(readCard(entity, 'fn'))
    return fullName === ''
      ? []
      : [{ handle: cleanText(entity.handle), fullName, kind: cleanText(readCard(entity, 'kind')).toLowerCase() }]
  })
}

/** jCard: `["vcard", [[name, parameters, type, value], …]]`. */
function readCard({ vcardArray }: Json, property: string): unknown {
  const properties: unknown = Array.isArray(vcardArray) ? vcardArray[1] : undefined
  if (!Array.isArray(properties)) return undefined
  const found = properties
    .slice(0, MAX_ENTITIES)
    .find((entry: unknown) => Array.isArray(entry) && entry[0] === property) as unknown[] | undefined
  return found?.[3]
}

/** First line of the remark called `description` (RIPE, APNIC), or of one without a title (AFRINIC). */
function readDescription({ remarks }: Json): string {
  if (!Array.isArray(remarks)) return ''
  for (const remark of remarks.slice(0, MAX_ENTITIES) as unknown[]) {
    if (!isObject(remark) || !Array.isArray(remark.description)) continue
    if (remark.title !== undefined && !/^description$/i.test(String(remark.title))) continue
    const line = cleanText(remark.description[0])
    if (line !== '') return line
  }
  return ''
}

function parseObject(text: string): Json | undefined {
  try {
    const json: unknown = JSON.parse(text)
    return isObject(json) ? json : undefined
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
