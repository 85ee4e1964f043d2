// The present: what is due now, of the hours that go by, of guests that come and of scans. In: seed, begin. Out: lookups, leases and
// flows when their time has come. No clock, no socket.
import type { DemoFlow, Lookup } from './conversation.ts'
import { createHour, createScan, createVisit, HOUR_MS } from './hour.ts'
import { GUESTS } from './network.ts'
import { createRandom, mixSeeds } from './random.ts'

const FIRST_GUEST_MS = 15_000
const FIRST_SCAN_MS = 30_000
/** Guests come every few minutes, scans now and then: least and most seconds between two. */
const GUEST_EVERY_S = [150, 280] as const
const SCAN_EVERY_S = [400, 650] as const
/** Guests have addresses 192.168.78.100 to .249, and then again. */
const GUEST_ADDRESSES = 150

export interface Lease {
  readonly atMs: number
  readonly ip: string
  readonly mac: string
  readonly hostname: string
}

export interface Due {
  readonly lookups: readonly Lookup[]
  readonly leases: readonly Lease[]
  readonly flows: readonly DemoFlow[]
}

export interface Present {
  /** What became due since it was asked last. */
  due(nowMs: number): Due
  /** Guests that came so far, those of earlier starts included. */
  readonly guests: number
}

export function createPresent(seed: number, startMs: number, guestsBefore: number): Present {
  const random = createRandom(mixSeeds(seed, startMs / 1000, 7))
  let lookups: Lookup[] = []
  let flows: DemoFlow[] = []
  let leases: Lease[] = []
  let guests = guestsBefore
  // Flows of the hour before may end in this one.
  let nextHourMs = (Math.floor(startMs / HOUR_MS) - 1) * HOUR_MS
  let nextGuestMs = startMs + FIRST_GUEST_MS
  let nextScanMs = startMs + FIRST_SCAN_MS

  function welcomeGuest(atMs: number): void {
    const { hostname, mac: maker } = GUESTS[guests % GUESTS.length]!
    const round = Math.floor(guests / GUESTS.length)
    const ip = `192.168.78.${100 + (guests % GUEST_ADDRESSES)}`
    const tail = hex(random.whole(0, 0xff_ffff), 6)
    // A phone's random MAC says of itself that it is one: bit 2 of the first byte.
    const mac =
      maker === ''
        ? `${hex((random.whole(0, 255) & 0xfc) | 2, 2)}${hex(random.whole(0, 0xffff), 4)}${tail}`
        : `${maker}${tail}`
    const visit = createVisit({ ip, mac }, atMs + 400, random)
    leases.push({ atMs, ip, mac, hostname: round === 0 ? hostname : `${hostname}-${round + 1}` })
    lookups.push(...visit.lookups)
    flows.push(...visit.flows)
    guests++
  }

  /** Takes out of a list what is due, the rest stays. */
  function take<T>(list: T[], isDue: (item: T) => boolean): [due: T[], rest: T[]] {
    return [list.filter(isDue), list.filter((item) => !isDue(item))]
  }

  return {
    due(nowMs) {
      for (; nextHourMs <= nowMs; nextHourMs += HOUR_MS) {
        const hour = createHour(seed, nextHourMs)
        lookups.push(...hour.lookups.filter(({ atMs }) => atMs >= startMs))
        flows.push(...hour.flows.filter(({ endMs }) => endMs >= startMs))
      }
      for (; nextGuestMs <= nowMs; nextGuestMs += random.whole(...GUEST_EVERY_S) * 1000) welcomeGuest(nextGuestMs)
      for (; nextScanMs <= nowMs; nextScanMs += random.whole(...SCAN_EVERY_S) * 1000)
        flows.push(...createScan(nextScanMs, random))
      const due = { lookups: [] as Lookup[], leases: [] as Lease[], flows: [] as DemoFlow[] }
      ;[due.lookups, lookups] = take(lookups, ({ atMs }) => atMs <= nowMs)
      ;[due.leases, leases] = take(leases, ({ atMs }) => atMs <= nowMs)
      ;[due.flows, flows] = take(flows, ({ endMs }) => endMs <= nowMs)
      return {
        ...due,
        lookups: due.lookups.sort((a, b) => a.atMs - b.atMs),
        flows: due.flows.sort((a, b) => a.endMs - b.endMs),
      }
    },
    get guests() {
      return guests
    },
  }
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')
