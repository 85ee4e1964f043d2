// One bootstrap at a time per clone: a directory that only one process can make. Its owner touches it every few seconds;
// one that has not been touched for STALE_MS, or whose owner on this machine is gone, is taken over.
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { StepError } from './say.mjs'

const TOUCH_MS = 2_000
const STALE_MS = 30_000
const POLL_MS = 200

/**
 * Runs `work` while holding the lock, and lets go of it whatever happens.
 * @template T
 * @param {string} lockDir
 * @param {() => Promise<T>} work
 * @param {(owner: string) => void} onWait called once if another process holds the lock; owner: `pid@host`
 * @returns {Promise<T>}
 */
export async function withLock(lockDir, work, onWait) {
  const owner = `${process.pid}@${hostname()}`
  makeFolder(dirname(lockDir), { recursive: true })
  let told = false
  while (!tryLock(lockDir, owner)) {
    const holder = readHolder(lockDir)
    if (isStale(holder)) {
      takeAway(lockDir, holder.token)
      continue
    }
    if (!told) onWait(holder.owner)
    told = true
    await wait(POLL_MS)
  }
  const touching = setInterval(() => utimesSync(lockDir, new Date(), new Date()), TOUCH_MS)
  const letGo = () => rmSync(lockDir, { recursive: true, force: true })
  process.on('exit', letGo)
  try {
    return await work()
  } finally {
    clearInterval(touching)
    process.off('exit', letGo)
    letGo()
  }
}

/**
 * A service may run from a folder that it cannot write; then whoever updated it has to bring what is new.
 * @param {string} path @param {{ recursive?: boolean }} [options]
 */
function makeFolder(path, options) {
  try {
    mkdirSync(path, options)
  } catch (cause) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (cause)
    if (!['EACCES', 'EPERM', 'EROFS'].includes(code ?? '')) throw cause
    const remedy = 'run netbehave --version once as a user who may write there'
    throw new StepError(`something is missing or was updated, and cannot be brought (${message})`, remedy, { cause })
  }
}

/** @param {string} lockDir @param {string} owner */
function tryLock(lockDir, owner) {
  try {
    makeFolder(lockDir)
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false
    throw error
  }
  writeFileSync(join(lockDir, 'owner'), owner)
  return true
}

/**
 * @typedef {{ owner: string, token: string, touchedMs: number }} Holder
 * token tells one holding of the lock from the next one; touchedMs is epoch milliseconds, 0 if the lock is gone
 */

/** @param {string} lockDir @returns {Holder} */
function readHolder(lockDir) {
  const state = statSync(lockDir, { throwIfNoEntry: false })
  let owner = ''
  try {
    owner = readFileSync(join(lockDir, 'owner'), 'utf8')
  } catch {
    // just made, or just let go: the next round knows more
  }
  return { owner, token: `${state?.ino}/${owner}`, touchedMs: state?.mtimeMs ?? 0 }
}

/** @param {Holder} holder */
export function isStale({ owner, touchedMs }, nowMs = Date.now()) {
  if (touchedMs === 0) return false
  if (nowMs - touchedMs > STALE_MS) return true
  const [pid, host] = owner.split('@')
  return host === hostname() && !isAlive(Number(pid))
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}

/**
 * Renaming is atomic, so that of two processes that see the same stale lock only one takes it away; if meanwhile
 * somebody else already holds it anew, it is put back.
 * @param {string} lockDir @param {string} token
 */
function takeAway(lockDir, token) {
  const aside = `${lockDir}.stale-${process.pid}`
  try {
    renameSync(lockDir, aside)
  } catch {
    return // another process was faster
  }
  if (readHolder(aside).token === token) rmSync(aside, { recursive: true, force: true })
  else renameSync(aside, lockDir)
}
