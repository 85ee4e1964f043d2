// What a request on the broker is: its subject, and what travels there and back as JSON. libs/broker serves and asks by it.
import type { z } from 'zod'

/** Entries in one request or reply at most: a batch's misses go out together. */
export const MAX_ENTRIES = 1024

export interface RequestContract<Request extends z.ZodType = z.ZodType, Reply extends z.ZodType = z.ZodType> {
  /** `<service>.<ro|rw|admin>.<verb>`: who may ask is decided by the middle token (docs/decisions/005). */
  readonly subject: string
  readonly request: Request
  readonly reply: Reply
  /** One line for docs/subjects.md. */
  readonly meaning: string
}

const SUBJECT = /^[a-z]+\.(ro|rw|admin)\.[a-z]+$/

/** Throws RangeError when the subject does not say who may ask. */
export function defineRequest<Request extends z.ZodType, Reply extends z.ZodType>(
  subject: string,
  contract: { request: Request; reply: Reply; meaning: string },
): RequestContract<Request, Reply> {
  if (!SUBJECT.test(subject))
    throw new RangeError(`"${subject}" is no subject of a request: use service.ro|rw|admin.verb`)
  return { subject, ...contract }
}

/** `dns.ro.reverse` → `dns`. */
export const serviceOf = (contract: RequestContract): string => contract.subject.slice(0, contract.subject.indexOf('.'))
