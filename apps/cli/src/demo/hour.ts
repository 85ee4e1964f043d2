// What happens in one hour on the demo's network: questions to the name server, and flows. The same for the same seed and hour, so that
// past and present are one story. In: seed, begin of the hour (local time makes the day's rhythm). Pure.
import { type DemoFlow, type Lookup, toFlows, toKnock } from './conversation.ts'
import { BLOCKED, CAMERA, DESTINATIONS, DEVICES, type Device, HABITS, type Habit, NAS, ROUTER } from './network.ts'
import { createRandom, mixSeeds, type Random } from './random.ts'

export const HOUR_MS = 3_600_000
/** A device asks again for a name after this long, the life of an answer. */
const ANSWER_LIFE_MS = 120_000
const SCAN_HOUR = 3
/** Ports that something curious tries. */
export const SCANNED_PORTS = [
  21, 22, 23, 80, 139, 443, 445, 554, 631, 1900, 3306, 3389, 5000, 8080, 8443, 9100,
] as const

export interface HourOfDemo {
  /** By time. */
  readonly lookups: readonly Lookup[]
  /** By their ends, which is when a router tells them. */
  readonly flows: readonly DemoFlow[]
}

export function createHour(seed: number, startMs: number): HourOfDemo {
  const lookups: Lookup[] = []
  const flows: DemoFlow[] = []
  const hourOfDay = new Date(startMs).getHours()
  for (const [i, device] of DEVICES.entries()) {
    const random = createRandom(mixSeeds(seed, startMs / HOUR_MS, i))
    const asked = new Map<string, number>()
    const moments = (HABITS[device.ip] ?? [])
      .flatMap((habit) => happenings(habit, hourOfDay, random).map((atMs) => ({ habit, atMs: startMs + atMs })))
      .sort((a, b) => a.atMs - b.atMs)
    for (const { habit, atMs } of moments) live(device, habit, atMs, random, asked, lookups, flows)
  }
  const random = createRandom(mixSeeds(seed, startMs / HOUR_MS, DEVICES.length))
  flows.push(...knocksFromOutside(startMs, random))
  if (hourOfDay === SCAN_HOUR) flows.push(...createScan(startMs + 720_000, random))
  return {
    lookups: lookups.sort((a, b) => a.atMs - b.atMs),
    flows: flows.sort((a, b) => a.endMs - b.endMs),
  }
}

/** Moments in the hour, ms after its begin. From one hour to the next the rhythm changes gently. */
function happenings({ perHour, rhythm }: Habit, hourOfDay: number, random: Random): number[] {
  const [now, then] = [rhythm[hourOfDay]!, rhythm[(hourOfDay + 1) % rhythm.length]!]
  const most = Math.max(now, then)
  const moments = Array.from({ length: random.times(perHour * most) }, () => random.next())
  return moments
    .filter((share) => random.next() * most < now + (then - now) * share)
    .map((share) => Math.floor(share * HOUR_MS))
}

/** A device does something once: asks for the name unless it knows the answer, then connects. */
function live(
  device: Device,
  habit: Habit,
  atMs: number,
  random: Random,
  asked: Map<string, number>,
  lookups: Lookup[],
  flows: DemoFlow[],
): void {
  const destination = DESTINATIONS.find(({ name }) => name === random.pick(habit.to))
  if (!destination) return
  const { name, port, protocol, addresses } = destination
  const isLocal = name.endsWith('.home.example')
  if (atMs - (asked.get(name) ?? Number.NEGATIVE_INFINITY) > ANSWER_LIFE_MS) {
    asked.set(name, atMs)
    ask(device, atMs, name, addresses, isLocal, random, lookups, flows)
    if (random.next() < 0.15) ask(device, atMs + 3, random.pick(BLOCKED), [], false, random, lookups, flows)
  }
  const count = random.whole(...habit.connections)
  for (let i = 0; i < count; i++) {
    const begin = atMs + 40 + i * random.whole(5, 600)
    const ip = random.pick(addresses)
    const conversation = {
      client: device,
      server: { ip, port, mac: isLocal ? DEVICES.find((one) => one.ip === ip)?.mac : undefined },
      protocol,
      startMs: begin,
      endMs: begin + random.size(...habit.seconds) * 1000 - random.whole(0, 900),
      outBytes: random.size(...habit.out),
      inBytes: random.size(...habit.in),
    }
    flows.push(...toFlows(conversation, random))
  }
}

function ask(
  device: { readonly ip: string; readonly mac: string },
  atMs: number,
  name: string,
  addresses: readonly string[],
  isLocal: boolean,
  random: Random,
  lookups: Lookup[],
  flows: DemoFlow[],
): void {
  const [out, back] = toFlows(
    {
      ...{
        client: device,
        server: { ip: ROUTER.ip, port: 53 },
        protocol: 'udp',
        startMs: atMs,
        endMs: atMs + random.whole(1, 30),
      },
      ...{ outBytes: 45 + name.length, inBytes: 61 + name.length },
    },
    random,
  )
  flows.push(out, back)
  lookups.push({ atMs, client: device.ip, clientPort: out.srcPort, name, addresses, isLocal })
}

/** The noise of the Internet: now and then somebody tries the forwarded port. */
function knocksFromOutside(startMs: number, random: Random): DemoFlow[] {
  return Array.from({ length: random.times(6) }, () => {
    const stranger = { ip: `192.0.2.${random.whole(200, 254)}`, mac: ROUTER.mac }
    return toKnock(
      stranger,
      { ip: NAS.ip, port: 22, mac: NAS.mac },
      startMs + Math.floor(random.next() * HOUR_MS),
      random,
    )
  }).flat()
}

/** The camera tries the doors of every other device, within some seconds. */
export function createScan(startMs: number, random: Random): DemoFlow[] {
  const others = DEVICES.filter(({ ip }) => ip !== CAMERA.ip)
  return others.flatMap((device, i) =>
    SCANNED_PORTS.flatMap((port, j) =>
      toKnock(CAMERA, { ip: device.ip, port, mac: device.mac }, startMs + (i * SCANNED_PORTS.length + j) * 40, random),
    ),
  )
}

/** What a guest does in its first minutes. */
export function createVisit(
  guest: { readonly ip: string; readonly mac: string },
  startMs: number,
  random: Random,
): { lookups: Lookup[]; flows: DemoFlow[] } {
  const lookups: Lookup[] = []
  const flows: DemoFlow[] = []
  for (const name of ['www.news.example', 'static.cdn.example', 'chat.example', 'push.phone.example']) {
    const { addresses, port, protocol } = DESTINATIONS.find((one) => one.name === name)!
    const atMs = startMs + random.whole(500, 4_000)
    ask(guest, atMs, name, addresses, false, random, lookups, flows)
    for (let i = 0; i < 3; i++) {
      const begin = atMs + 50 + i * 700
      const sizes = { outBytes: random.size(800, 9_000), inBytes: random.size(4_000, 600_000) }
      const server = { ip: random.pick(addresses), port }
      flows.push(
        ...toFlows(
          { client: guest, server, protocol, startMs: begin, endMs: begin + random.whole(300, 9_000), ...sizes },
          random,
        ),
      )
    }
  }
  return { lookups: lookups.sort((a, b) => a.atMs - b.atMs), flows: flows.sort((a, b) => a.endMs - b.endMs) }
}
