// Secrets of sessions and tokens: random, told once, kept as a hash. They are random, so a fast hash is enough.
import { createHash, randomBytes } from 'node:crypto'

export const newSecret = (): string => randomBytes(32).toString('base64url')

export const hashSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest()

/** What API tokens begin with, so that they are found where they do not belong (logs, repositories). */
export const TOKEN_PREFIX = 'nb_'
