// What processes cost, read from Linux' /proc (proc(5)). In: pids. Fails: throws when the process is gone.
import { readFileSync } from 'node:fs'

/** Clock ticks a second of /proc/PID/stat; 100 on every Linux that Node runs on (sysconf(_SC_CLK_TCK)). */
const TICKS_PER_SECOND = 100
/** Fields after the program's name, which ends with the last `)`: utime is field 14, stime 15. */
const UTIME = 14 - 3
const STIME = 15 - 3

/** CPU seconds of a process since its start: user and system, all its threads. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[UTIME]) + Number(fields[STIME])) / TICKS_PER_SECOND
}

export interface Memory {
  /** Resident set: pages in memory, shared ones counted fully. */
  readonly rssBytes: number
  /** Proportional set: a page shared by n processes counts 1/n. */
  readonly pssBytes: number
}

export function memoryOf(pid: number): Memory {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1')
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(rollup)?.[1]) * 1024
  return { rssBytes: bytes('Rss'), pssBytes: bytes('Pss') }
}

/** Datagrams that the kernel dropped at the UDP sockets bound to a port, since they were opened. */
export function kernelDrops(port: number): number {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0')
  let drops = 0
  for (const table of ['/proc/net/udp', '/proc/net/udp6']) {
    for (const line of readFileSync(table, 'latin1').split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/)
      if (fields[1]?.endsWith(`:${hexPort}`)) drops += Number(fields.at(-1))
    }
  }
  return drops
}
