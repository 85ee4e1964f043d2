// The snippet for a router, with the address under which it reaches this host. Fails: CommandError 64 for a router that is not in
// the table.
import { ROUTERS, type RouterSetup } from '@netbehave/routers'
import { type HostNetworks, thisHost } from '@netbehave/routers/this-host'
import type { SetupOptions } from './commands/setup.ts'
import { chooseDataDir } from './data-dir.ts'
import type { Environment } from './environment.ts'
import { CommandError, EXIT } from './exit-codes.ts'
import { type HostPort, parseHostPort } from './listen-address.ts'
import { formatTable } from './output/table.ts'
import { findRunningCopy } from './run-file.ts'

const DEFAULT_PORT = 2055
const NAME_COLUMNS = [
  { heading: 'ROUTER', value: ({ id }: RouterSetup) => id },
  { heading: 'NAME', value: ({ name }: RouterSetup) => name },
]

/** Where a router sends, and what a person should know of that choice. */
export interface Destination extends HostPort {
  readonly notes: readonly string[]
}

export function listRouters({ output }: SetupOptions, { stdout }: Environment): void {
  const lines =
    output === 'json'
      ? ROUTERS.map(({ id, name, where }) => JSON.stringify({ id, name, where }))
      : [...formatTable(NAME_COLUMNS, ROUTERS), '', 'netbehave setup ROUTER prints what to type there']
  stdout.write(`${lines.join('\n')}\n`)
}

export async function showSetup(id: string, options: SetupOptions, environment: Environment): Promise<void> {
  const { stdout, stderr } = environment
  const router = chooseRouter(id)
  const listening = findRunningCopy(await chooseDataDir(options.data, environment))?.collector
  const own = thisHost()
  const { host, port, notes } = options.collector
    ? { ...options.collector, notes: [] }
    : chooseDestination(listening, own)
  if (options.interface !== undefined && !router.watchesItself)
    throw new CommandError(`--interface is for linux; what ${router.name} watches stands in its lines`, EXIT.usage)
  const watched = options.interface ?? own.outward
  const snippet = router.snippet(host, String(port), watched)
  if (options.output === 'json') {
    const { name, where, check, traps } = router
    stdout.write(`${JSON.stringify({ id: router.id, name, host, port, where, snippet, check, traps, notes })}\n`)
    return
  }
  const hints = (title: string, sentences: readonly string[]) =>
    sentences.length === 0 ? [] : ['', title, ...sentences.map((sentence) => `- ${sentence}`)]
  stderr.write(`${router.name}. ${router.where}\n\n`)
  stdout.write(`${snippet}\n`)
  stderr.write(
    [
      ...hints('Sends to', notes),
      ...hints('Watches', router.watchesItself && options.interface === undefined ? watchNotes(own.outward) : []),
      ...hints('Then', [router.check, '`netbehave doctor` says what is missing here.']),
      ...hints('Known traps', router.traps),
      '',
    ].join('\n'),
  )
}

const watchNotes = (outward: string | undefined): string[] =>
  outward === undefined
    ? []
    : [`${outward}, by which this host's default route leaves. Elsewhere, or for another one: --interface NAME.`]

/** The one of that id, or the only one whose id or name has the word in it. */
function chooseRouter(word: string): RouterSetup {
  const wanted = word.trim().toLowerCase()
  const exact = ROUTERS.find(({ id }) => id === wanted)
  const near = ROUTERS.filter(
    ({ id, name }) => wanted !== '' && (id.includes(wanted) || name.toLowerCase().includes(wanted)),
  )
  const found = exact ?? (near.length === 1 ? near[0] : undefined)
  if (found) return found
  throw new CommandError(
    `there is no snippet for ${word}; there is one for ${ROUTERS.map(({ id }) => id).join(', ')}. Any exporter of NetFlow 5, 9 or IPFIX will do: docs/routers.md`,
    EXIT.usage,
  )
}

/**
 * The address that a router reaches: the one that the collector listens on, when it listens on one only; else this host's likeliest.
 * `listening` are `HOST:PORT` of a running collector, undefined when none runs.
 */
export function chooseDestination(
  listening: readonly string[] | undefined,
  { addresses }: Pick<HostNetworks, 'addresses'>,
): Destination {
  const sockets = (listening ?? []).map(parseHostPort).filter((socket) => socket !== undefined)
  const open = sockets.find(({ host }) => host === '0.0.0.0' || host === '::')
  const own = sockets.find(({ host }) => !isLoopback(host))
  const [first, ...others] = addresses
  const port = (open ?? own ?? sockets[0])?.port ?? DEFAULT_PORT
  if (!open && own) return { ...own, notes: [] }
  if (first === undefined) {
    return {
      host: '127.0.0.1',
      port,
      notes: ['This host has no address but loopback: name the collector with --collector HOST:PORT.'],
    }
  }
  const notes: string[] = []
  if (others.length > 0) {
    notes.push(
      `${first} was chosen of this host's addresses; others are ${others.join(', ')}: --collector HOST:${port} takes one of them.`,
    )
  }
  if (!open && sockets.length > 0) {
    notes.push(
      `The collector listens on ${listening!.join(', ')} only, so no router reaches it; "netbehave up --listen 0.0.0.0:${port}" takes flows from everywhere, a demo from this machine only.`,
    )
  }
  if (listening === undefined) notes.push('No NetBehave runs on the data folder now; "netbehave up" starts one.')
  return { host: first, port, notes }
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\./.test(host)
