// What requests of every service are made of.
import { z } from 'zod'
import { parseAddress } from '../address.ts'

/** An IPv4 or IPv6 address as text, as people write it. */
export const AddressText = z
  .string()
  .max(45)
  .refine((text) => parseAddress(text) !== undefined, 'is no IPv4 or IPv6 address')

/** Epoch ms, UTC. */
export const TimeMs = z.number().int().min(0).max(8.64e15)

/** A DNS name in lower case without the final dot. The wire allows 253 characters of presentation form (RFC 1035 §2.3.4). */
export const DnsName = z.string().min(1).max(253)

export const Count = z.number().int().min(0)

export const SiteName = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'is no name of a site: use 1 to 64 letters, digits, _ or -')

/** For requests that ask nothing in particular. */
export const Nothing = z.strictObject({})
