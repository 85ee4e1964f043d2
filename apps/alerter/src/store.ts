// The alerter's database: opened, and its small tables as nouns: events taken in, mutes, vendors, troubles, the learning window.
// Fails: throws SQLite's errors; whoever calls tries again or says so.
import { join } from 'node:path'
import type { Mute, MuteTarget } from '@netbehave/schema'
import { type Database, openDatabase, type SetAside } from '@netbehave/sqlite'
import type { AlerterCounters } from './counters.ts'
import type { Limits } from './limits.ts'

export const databaseFile = (dataDir: string): string => join(dataDir, 'alerter', 'alerter.sqlite3')

/** Whoever opens it closes it. */
export function openStore(path: string, onSetAside: (setAside: SetAside) => void): Database {
  const db = openDatabase(path, join(import.meta.dirname, 'migrations'), { onSetAside })
  // What is acknowledged to the broker is gone there: it must be on the disk here, also when the power fails.
  db.pragma('synchronous = FULL')
  return db
}

export class TooManyMutes extends Error {
  override readonly name = 'TooManyMutes'
}

export type Store = ReturnType<typeof createStore>

export function createStore(db: Database, limits: Limits, counters: AlerterCounters) {
  const addEvent = db.prepare('INSERT OR IGNORE INTO event (id, at_ms) VALUES (?, ?)')
  const forgetEvents = db.prepare(
    'DELETE FROM event WHERE id IN (SELECT id FROM event ORDER BY at_ms DESC LIMIT -1 OFFSET ?)',
  )
  const findMute = db.prepare<[string, string, number]>(
    'SELECT 1 FROM mute WHERE target = ? AND value = ? AND (until_ms IS NULL OR until_ms > ?)',
  )
  const putMute = db.prepare(
    'INSERT OR REPLACE INTO mute (target, value, until_ms, made_ms) VALUES (@target, @value, @untilMs, @madeMs)',
  )
  const dropMute = db.prepare('DELETE FROM mute WHERE target = ? AND value = ?')
  const listMutes = db.prepare<[number], Mute>(
    'SELECT target, value, until_ms AS untilMs, made_ms AS madeMs FROM mute ORDER BY made_ms DESC LIMIT ?',
  )
  const findVendor = db.prepare('SELECT 1 FROM vendor WHERE name = ?')
  const addVendor = db.prepare('INSERT OR IGNORE INTO vendor (name, first_ms) VALUES (?, ?)')
  const addTrouble = db.prepare('INSERT OR IGNORE INTO trouble (key, since_ms) VALUES (?, ?)')
  const dropTrouble = db.prepare('DELETE FROM trouble WHERE key = ?')
  const forgetMutes = db.prepare('DELETE FROM mute WHERE until_ms <= ?')
  const forgetTroubles = db.prepare('DELETE FROM trouble WHERE since_ms <= ?')
  const getState = db.prepare<[string], { value: number }>('SELECT value FROM state WHERE key = ?')
  const putState = db.prepare('INSERT OR REPLACE INTO state (key, value) VALUES (?, ?)')
  const countOf = (table: string) => {
    const count = db.prepare<[], { n: number }>(`SELECT count(*) AS n FROM ${table}`)
    return () => count.get()!.n
  }
  const countMutes = countOf('mute')
  const countVendors = countOf('vendor')
  const countTroubles = countOf('trouble')

  return {
    /** False when it was taken in before. */
    addEvent: (id: string, nowMs: number): boolean => addEvent.run(id, nowMs).changes === 1,
    countEvents: countOf('event'),
    countMutes,
    isMuted: (target: MuteTarget, value: string, nowMs: number): boolean =>
      findMute.get(target, value, nowMs) !== undefined,
    /** Throws TooManyMutes. */
    mute(mute: Mute): void {
      if (countMutes() >= limits.mutes && !findMute.get(mute.target, mute.value, 0))
        throw new TooManyMutes(`${limits.mutes} mutes are the most there can be; take some away first`)
      putMute.run(mute)
    },
    /** False when there was none. */
    unmute: (target: MuteTarget, value: string): boolean => dropMute.run(target, value).changes > 0,
    /** Newest first. */
    mutes: (limit: number): Mute[] => listMutes.all(limit),
    /** True the first time; with too many vendors none is new. */
    addVendor(name: string, nowMs: number): boolean {
      if (findVendor.get(name) !== undefined || countVendors() >= limits.vendors) return false
      return addVendor.run(name, nowMs).changes === 1
    },
    /** True when it is new; one that was told of already is not. */
    beginTrouble(key: string, nowMs: number): boolean {
      return countTroubles() < limits.watched && addTrouble.run(key, nowMs).changes === 1
    },
    endTrouble: (key: string): boolean => dropTrouble.run(key).changes > 0,
    /** When the learning window ends; begins it at the very first start. */
    learningUntilMs(learningMs: number, nowMs: number): number {
      const known = getState.get(LEARNING)
      if (known) return known.value
      putState.run(LEARNING, nowMs + learningMs)
      return nowMs + learningMs
    },
    endLearning: (nowMs: number): void => void putState.run(LEARNING, nowMs),
    /** Removes what is beyond the limits and over. */
    tidy(nowMs: number): void {
      counters.forgottenEvents += forgetEvents.run(limits.events).changes
      forgetMutes.run(nowMs)
      forgetTroubles.run(nowMs - TROUBLE_MS)
    },
  }
}

/** A trouble that lasts is told again after so long; one that nobody speaks of any more is forgotten. */
const TROUBLE_MS = 7 * 86_400_000
const LEARNING = 'learning_until_ms'
