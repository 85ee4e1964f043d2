// The small network of the demo: who lives there, and what they talk to. Names end in .example (RFC 2606), addresses outside are those
// of documentation (RFC 5737): nothing in here is anybody's.

export interface Device {
  readonly ip: string
  /** Twelve hex digits. The first six are of a maker that builds such things. */
  readonly mac: string
  readonly hostname: string
  readonly name: string
  readonly owner: string
  readonly type: string
  readonly tags: readonly string[]
}

export interface Destination {
  readonly name: string
  readonly addresses: readonly string[]
  readonly port: number
  readonly protocol: 'tcp' | 'udp'
}

/** How busy in each hour of the day, 0 to 1. */
export type Rhythm = readonly number[]

/** Something that a device does again and again. */
export interface Habit {
  /** `name` of destinations; one is chosen each time. */
  readonly to: readonly string[]
  /** Times an hour when it is busiest. */
  readonly perHour: number
  readonly rhythm: Rhythm
  /** Connections each time, bytes of each out and in, seconds of each: least and most. */
  readonly connections: readonly [number, number]
  readonly out: readonly [number, number]
  readonly in: readonly [number, number]
  readonly seconds: readonly [number, number]
}

export const HOME = '192.168.77.0/24'
export const GUEST = '192.168.78.0/24'
export const ROUTER = { ip: '192.168.77.1', mac: '24a43ca10001', outside: '198.51.100.77' } as const

const device = (
  ip: string,
  mac: string,
  hostname: string,
  name: string,
  owner: string,
  type: string,
  ...tags: string[]
): Device => ({
  ...{ ip, mac, hostname, name, owner, type, tags },
})

export const DEVICES: readonly Device[] = [
  device(ROUTER.ip, ROUTER.mac, 'router', 'router', 'home', 'router', 'infrastructure'),
  device('192.168.77.10', '001132a20010', 'nas', 'NAS', 'home', 'storage', 'infrastructure', 'backup'),
  device('192.168.77.11', '3cd92ba20011', 'printer', 'printer', 'home', 'printer'),
  device('192.168.77.12', '8c71f8a20012', 'tv', 'TV', 'living room', 'television'),
  device('192.168.77.13', '240ac4a20013', 'cam-door', 'door camera', 'home', 'camera', 'iot'),
  device('192.168.77.14', '18b430a20014', 'thermostat', 'thermostat', 'home', 'heating', 'iot'),
  device('192.168.77.15', '000e58a20015', 'speaker', 'kitchen speaker', 'kitchen', 'speaker', 'iot'),
  device('192.168.77.21', 'a4c3f0a20021', 'laptop-anna', "Anna's laptop", 'Anna', 'laptop'),
  device('192.168.77.22', 'f01898a20022', 'phone-anna', "Anna's phone", 'Anna', 'phone'),
  device('192.168.77.23', '7c1e52a20023', 'laptop-ben', "Ben's work laptop", 'Ben', 'laptop', 'work'),
  device('192.168.77.24', '8c71f8a20024', 'phone-ben', "Ben's phone", 'Ben', 'phone'),
  device('192.168.77.25', '0017faa20025', 'console', 'game console', 'children', 'console'),
]

export const [NAS, PRINTER, TV, CAMERA] = [DEVICES[1]!, DEVICES[2]!, DEVICES[3]!, DEVICES[4]!]

const tls = (name: string, ...addresses: string[]): Destination => ({ name, addresses, port: 443, protocol: 'tcp' })
const other = (name: string, port: number, protocol: 'tcp' | 'udp', ...addresses: string[]): Destination => ({
  ...{ name, addresses, port, protocol },
})

export const DESTINATIONS: readonly Destination[] = [
  // Two names on one address: only who asked for which tells them apart. One device asks for one of them, since what enrichers know of
  // changes of mind reaches back some hours only, and the demo has days.
  tls('www.news.example', '203.0.113.13', '203.0.113.14'),
  tls('shop.example', '203.0.113.10'),
  tls('weather.example', '203.0.113.10'),
  tls('static.cdn.example', '203.0.113.11', '203.0.113.12'),
  tls('photos.example', '203.0.113.20'),
  tls('www.school.example', '203.0.113.30'),
  other('video.stream.example', 443, 'udp', '203.0.113.40', '203.0.113.41', '203.0.113.42'),
  tls('music.stream.example', '203.0.113.45'),
  tls('updates.os.example', '203.0.113.70'),
  other('play.game.example', 27015, 'udp', '203.0.113.90', '203.0.113.91'),
  tls('telemetry.tv.example', '203.0.113.120'),
  tls('office.company.example', '198.51.100.10'),
  other('git.company.example', 22, 'tcp', '198.51.100.22'),
  other('mail.example', 993, 'tcp', '198.51.100.25'),
  other('vpn.company.example', 51820, 'udp', '198.51.100.51'),
  other('push.phone.example', 5228, 'tcp', '198.51.100.60'),
  tls('backup.cloud.example', '198.51.100.80'),
  other('meet.company.example', 3478, 'udp', '198.51.100.90'),
  tls('chat.example', '198.51.100.95'),
  other('time.example', 123, 'udp', '192.0.2.123'),
  tls('cam.cloud.example', '192.0.2.77'),
  other('iot.heat.example', 8883, 'tcp', '192.0.2.88'),
  // Inside: the names are the router's own.
  other('nas.home.example', 445, 'tcp', NAS.ip),
  other('media.home.example', 8200, 'tcp', NAS.ip),
  other('recorder.home.example', 554, 'tcp', NAS.ip),
  other('printer.home.example', 631, 'tcp', PRINTER.ip),
]

/** What the router's block list answers with nowhere. */
export const BLOCKED = ['ads.tv.example', 'track.news.example'] as const

/** A digit for each hour. */
const hours = (text: string): Rhythm => [...text.replaceAll(' ', '')].map((digit) => Number(digit) / 9)
// From midnight, six hours in a group.
const EVENING = hours('211111 122233 333344 578998')
const DAY = hours('211111 245666 666677 788875')
const OFFICE = hours('000000 012899 769886 100000')
const NIGHT = hours('069930 000000 000000 000000')
const ALWAYS = hours('999999 999999 999999 999999')

const habit = (
  to: string | readonly string[],
  perHour: number,
  rhythm: Rhythm,
  connections: Habit['connections'],
  out: Habit['out'],
  into: Habit['in'],
  seconds: Habit['seconds'],
): Habit => ({ to: typeof to === 'string' ? [to] : to, perHour, rhythm, connections, out, in: into, seconds })

const WEB = ['www.news.example', 'static.cdn.example', 'photos.example', 'www.school.example']
const browse = (perHour: number, rhythm: Rhythm, favourite: 'shop.example' | 'weather.example'): Habit =>
  habit([...WEB, favourite], perHour, rhythm, [4, 14], [600, 7_000], [2_000, 240_000], [1, 40])
const watch = (perHour: number, rhythm: Rhythm): Habit =>
  habit('video.stream.example', perHour, rhythm, [1, 2], [40_000, 300_000], [8_000_000, 45_000_000], [30, 60])
const push = habit('push.phone.example', 700, ALWAYS, [1, 1], [300, 2_000], [300, 4_000], [1, 55])
const mail = habit('mail.example', 90, DAY, [1, 2], [1_500, 20_000], [2_000, 90_000], [1, 20])
const chat = habit('chat.example', 600, DAY, [1, 2], [500, 9_000], [500, 20_000], [1, 30])
const clock = habit('time.example', 2, ALWAYS, [1, 1], [76, 76], [76, 76], [1, 1])

/** By the address of the device. */
export const HABITS: Readonly<Record<string, readonly Habit[]>> = {
  [NAS.ip]: [
    clock,
    habit('backup.cloud.example', 60, NIGHT, [1, 3], [20_000_000, 90_000_000], [200_000, 900_000], [40, 60]),
    habit('updates.os.example', 1, ALWAYS, [1, 2], [2_000, 9_000], [20_000, 9_000_000], [2, 40]),
  ],
  [PRINTER.ip]: [clock, habit('updates.os.example', 1, DAY, [1, 1], [900, 4_000], [2_000, 30_000], [1, 9])],
  [TV.ip]: [
    clock,
    watch(110, EVENING),
    habit('telemetry.tv.example', 600, ALWAYS, [1, 1], [900, 5_000], [500, 2_000], [1, 5]),
    habit('media.home.example', 12, EVENING, [1, 1], [20_000, 90_000], [4_000_000, 60_000_000], [20, 60]),
  ],
  [CAMERA.ip]: [
    clock,
    habit('recorder.home.example', 60, ALWAYS, [1, 1], [6_000_000, 9_000_000], [60_000, 90_000], [58, 60]),
    habit('cam.cloud.example', 300, ALWAYS, [1, 1], [2_000, 60_000], [900, 4_000], [1, 20]),
  ],
  '192.168.77.14': [clock, habit('iot.heat.example', 700, ALWAYS, [1, 1], [300, 900], [200, 600], [1, 4])],
  '192.168.77.15': [habit('music.stream.example', 60, DAY, [1, 2], [9_000, 30_000], [900_000, 4_000_000], [20, 60])],
  '192.168.77.21': [
    browse(1_300, DAY, 'shop.example'),
    mail,
    chat,
    watch(20, EVENING),
    habit('nas.home.example', 14, DAY, [1, 2], [20_000, 4_000_000], [20_000, 40_000_000], [2, 60]),
    habit('printer.home.example', 2, DAY, [1, 1], [60_000, 3_000_000], [2_000, 9_000], [2, 20]),
    habit('updates.os.example', 2, DAY, [1, 3], [3_000, 20_000], [200_000, 60_000_000], [5, 60]),
  ],
  '192.168.77.22': [
    browse(800, DAY, 'weather.example'),
    push,
    mail,
    chat,
    habit('photos.example', 10, EVENING, [1, 3], [400_000, 9_000_000], [4_000, 60_000], [3, 50]),
  ],
  '192.168.77.23': [
    browse(900, OFFICE, 'weather.example'),
    habit('office.company.example', 1_400, OFFICE, [1, 4], [2_000, 60_000], [3_000, 300_000], [1, 50]),
    habit('git.company.example', 8, OFFICE, [1, 1], [9_000, 600_000], [20_000, 9_000_000], [2, 40]),
    habit('vpn.company.example', 60, OFFICE, [1, 1], [90_000, 4_000_000], [200_000, 20_000_000], [58, 60]),
    habit('meet.company.example', 30, OFFICE, [1, 2], [3_000_000, 12_000_000], [4_000_000, 18_000_000], [55, 60]),
  ],
  '192.168.77.24': [browse(700, DAY, 'shop.example'), push, mail, chat, watch(16, EVENING)],
  '192.168.77.25': [
    habit('play.game.example', 60, EVENING, [1, 2], [400_000, 1_500_000], [900_000, 4_000_000], [50, 60]),
    habit('updates.os.example', 1, EVENING, [1, 2], [4_000, 30_000], [2_000_000, 90_000_000], [20, 60]),
  ],
}

/** Guests that come while it runs, one after the other, then the first again under another address. `mac` empty: a random one, as phones take. */
export const GUESTS = [
  { hostname: 'lenas-phone', mac: '' },
  { hostname: 'tablet-of-max', mac: 'd8bb2c' },
  { hostname: 'visitor-laptop', mac: 'a4c3f0' },
  { hostname: 'unnamed-plug', mac: '240ac4' },
  { hostname: 'phone-of-grandpa', mac: '8c71f8' },
  { hostname: 'raspberrypi', mac: 'b827eb' },
] as const
