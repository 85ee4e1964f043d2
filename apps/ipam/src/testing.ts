// For tests and the bench: a store in a temporary folder, and sightings.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AssetEvent, Sighting } from '@netbehave/schema'
import { IpamConfig } from './config.ts'
import { createEdit } from './edit.ts'
import { createHear } from './hear.ts'
import { createLook } from './look.ts'
import { createCounters } from './metrics.ts'
import { createSight } from './sight.ts'
import { openStore } from './store.ts'
import { createTurns } from './turns.ts'

/** 2026-11-24, noon UTC. */
export const NOON_MS = Date.UTC(2026, 10, 24, 12)
export const DAY_MS = 86_400_000

/** Steps without a broker. `events` takes what waits in the outbox. */
export function openTestIpam(settings: Partial<IpamConfig> = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'netbehave-ipam-'))
  const counters = createCounters()
  const store = openStore({
    path: join(directory, 'assets.sqlite3'),
    settings: IpamConfig.parse(settings),
    counters,
  })
  const turn = createTurns()
  const hear = createHear(store, turn, IpamConfig.parse(settings).localZones)
  return {
    ...{ directory, counters, store, hear },
    sight: createSight(store, hear, turn),
    edit: createEdit(store, turn),
    look: createLook(store, turn),
    events(): AssetEvent[] {
      const events: AssetEvent[] = []
      for (let batch = store.outbox.take(100); batch.length > 0; batch = store.outbox.take(100)) {
        store.outbox.remove(batch.map(({ sequence }) => sequence))
        events.push(...batch.map(({ json }) => JSON.parse(json) as AssetEvent))
      }
      return events
    },
    [Symbol.dispose]() {
      store[Symbol.dispose]()
      rmSync(directory, { recursive: true })
    },
  }
}

export function makeSighting(sighting: Partial<Sighting> & Pick<Sighting, 'ip'>): Sighting {
  const lastMs = sighting.lastMs ?? NOON_MS
  return {
    site: 'home',
    mac: null,
    firstMs: lastMs - 1000,
    lastMs,
    flows: 1,
    bytes: 100,
    ports: [],
    peers: [],
    ...sighting,
  }
}

/** The n-th address of 10.0.0.0/8. */
export const addressOf = (n: number): string => `10.${(n >>> 16) & 255}.${(n >>> 8) & 255}.${n & 255}`
/** The n-th MAC of a maker that the list has (Raspberry Pi). */
export const macOf = (n: number): string =>
  `b8:27:eb:${[n >>> 16, n >>> 8, n].map((byte) => (byte & 255).toString(16).padStart(2, '0')).join(':')}`
