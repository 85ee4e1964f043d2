// Keys of roles: one Ed25519 seed (nkeys, `SU…`) in a file of its own, readable by its owner only. Fails: KeyError with one sentence.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nkeys } from '@nats-io/transport-node'

/** A key that is not there, or cannot be read. */
export class KeyError extends Error {
  override readonly name = 'KeyError'
}

const SUFFIX = '.seed'
const OWNER_ONLY = { folder: 0o700, file: 0o600 }

const fileOf = (dir: string, key: string): string => join(dir, `${key}${SUFFIX}`)

/** Makes the keys that are missing in `dir`. Returns the names of those made; what is there stays. */
export function makeKeys(dir: string, keys: readonly string[]): string[] {
  mkdirSync(dir, { recursive: true, mode: OWNER_ONLY.folder })
  return keys.filter((key) => {
    try {
      writeFileSync(fileOf(dir, key), nkeys.createUser().getSeed(), { mode: OWNER_ONLY.file, flag: 'wx' })
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      return false
    }
  })
}

/** Puts a new key in place of the one that was there; whoever reads it meanwhile gets one of the two, whole. */
export function replaceKey(dir: string, key: string): void {
  const made = `${fileOf(dir, key)}.new`
  rmSync(made, { force: true })
  writeFileSync(made, nkeys.createUser().getSeed(), { mode: OWNER_ONLY.file, flag: 'wx' })
  renameSync(made, fileOf(dir, key))
}

/** The key is gone; also when it was. */
export const removeKey = (dir: string, key: string): void => rmSync(fileOf(dir, key), { force: true })

/** The seed of a key, as the client signs with it. */
export function readSeed(dir: string, key: string): Uint8Array {
  const path = fileOf(dir, key)
  let seed: Buffer
  try {
    seed = readFileSync(path)
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'is not there' : `(${(error as Error).message})`
    throw new KeyError(
      `the key ${path} ${why}: make it with netbehave broker init, or point brokerKeys at its folder`,
      {
        cause: error,
      },
    )
  }
  const text = new TextEncoder().encode(seed.toString('latin1').trim())
  try {
    nkeys.fromSeed(text)
  } catch (error) {
    throw new KeyError(`the key ${path} is damaged: make a new one with netbehave broker rotate ${key}`, {
      cause: error,
    })
  }
  return text
}

/** The public half (`U…`), which the server is told. */
export const readPublicKey = (dir: string, key: string): string => nkeys.fromSeed(readSeed(dir, key)).getPublicKey()

/** Names of the keys in a folder. */
export const listKeys = (dir: string): string[] =>
  readdirSync(dir)
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length))
    .sort()
