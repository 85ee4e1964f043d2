// What this machine is like, as far as a program without rights can see. In: the data folder. Out: facts; what cannot be read is undefined.
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'

export interface HostFacts {
  /** `net.core.rmem_max`: the largest receive buffer that a program gets. */
  readonly rmemMaxBytes?: number | undefined
  /** Does a time service keep the clock? */
  readonly isClockKept?: boolean | undefined
  /** Of the file system that holds the data folder. */
  readonly freeBytes?: number | undefined
  /** A firewall that is switched on. */
  readonly firewall?: 'ufw' | 'firewalld' | undefined
  /** Ports that some program has open, UDP and listening TCP. */
  readonly udpPorts?: ReadonlySet<number> | undefined
  readonly tcpPorts?: ReadonlySet<number> | undefined
}

const TIMEDATECTL_MS = 5_000
const TCP_LISTEN = '0A'

export async function readHost(dataDir: string): Promise<HostFacts> {
  const [isClockKept, freeBytes] = await Promise.all([askTimedatectl(), readFreeBytes(dataDir)])
  const rmemMax = Number(readText('/proc/sys/net/core/rmem_max'))
  return {
    rmemMaxBytes: rmemMax > 0 ? rmemMax : undefined,
    isClockKept,
    freeBytes,
    firewall: findFirewall(),
    udpPorts: openPorts(['/proc/net/udp', '/proc/net/udp6']),
    tcpPorts: openPorts(['/proc/net/tcp', '/proc/net/tcp6'], TCP_LISTEN),
  }
}

/** Local ports in tables like /proc/net/udp, of sockets in `state` where one is named. Columns: number, local address:port (hex), remote, state, … */
export function portsOf(table: string, state?: string): number[] {
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns.length > 3 && (state === undefined || columns[3] === state))
    .map(([, local = '']) => Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16))
}

function openPorts(files: readonly string[], state?: string): Set<number> | undefined {
  const tables = files.map(readText).filter((text) => text !== undefined)
  return tables.length === 0 ? undefined : new Set(tables.flatMap((table) => portsOf(table, state)))
}

/** systemd's own word for it; undefined where there is no systemd. */
function askTimedatectl(): Promise<boolean | undefined> {
  const args = ['show', '--property=NTPSynchronized', '--value']
  return new Promise((resolve) => {
    execFile('timedatectl', args, { timeout: TIMEDATECTL_MS }, (error, stdout) => {
      const word = stdout.trim()
      resolve(error || !/^(yes|no)$/.test(word) ? undefined : word === 'yes')
    })
  })
}

async function readFreeBytes(folder: string): Promise<number | undefined> {
  let existing = folder
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing)
  return statfs(existing).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => undefined,
  )
}

function findFirewall(): HostFacts['firewall'] {
  if (/^ENABLED=yes/m.test(readText('/etc/ufw/ufw.conf') ?? '')) return 'ufw'
  return existsSync('/run/firewalld.pid') ? 'firewalld' : undefined
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined // not Linux, or not for us to read
  }
}
