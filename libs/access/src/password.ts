// Passwords: kept only as scrypt hashes that carry their own parameters. In: text. Out: a hash, or whether it fits.
// scrypt takes memory and time on purpose: how many run at once is for the caller to bound.
import { randomBytes, randomInt, scrypt, timingSafeEqual } from 'node:crypto'

/** 32 MiB and some 60 ms on a small machine. */
const COST = { N: 2 ** 15, r: 8, p: 1 }
const SALT_BYTES = 16
const KEY_BYTES = 32
/** The largest parameters that a hash of ours may ask for; a tampered file must not take all memory. */
const MAX_MEMORY = 128 * 1024 * 1024

/** `scrypt$32768$8$1$salt$key`, base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const key = await derive(password, salt, COST, KEY_BYTES)
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), key.toString('base64url')].join('$')
}

/** Is this the password of the hash? A hash that cannot be read fits nothing. */
export async function fitsPassword(password: string, hash: string): Promise<boolean> {
  const [kind, N, r, p, salt, key] = hash.split('$')
  const cost = { N: Number(N), r: Number(r), p: Number(p) }
  if (kind !== 'scrypt' || !salt || !key || !(cost.N * cost.r * 128 <= MAX_MEMORY) || !(cost.p <= 4)) return false
  const expected = Buffer.from(key, 'base64url')
  const found = await derive(password, Buffer.from(salt, 'base64url'), cost, expected.length).catch(() => undefined)
  return found !== undefined && timingSafeEqual(found, expected)
}

function derive(password: string, salt: Buffer, cost: typeof COST, bytes: number): Promise<Buffer> {
  // NFKC: the same letters typed on another keyboard are the same password.
  return new Promise((resolve, reject) =>
    scrypt(password.normalize('NFKC'), salt, bytes, { ...cost, maxmem: MAX_MEMORY * 2 }, (error, key) =>
      error ? reject(error) : resolve(key),
    ),
  )
}

/** Letters and digits that cannot be taken for each other. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789'

/** 20 characters in groups of five: 99 bits, and one can type it. */
export const randomPassword = (): string =>
  Array.from({ length: 20 }, (_, i) => (i > 0 && i % 5 === 0 ? '-' : '') + ALPHABET[randomInt(ALPHABET.length)]).join(
    '',
  )
