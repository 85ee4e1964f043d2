// HOST:PORT as text, `[2001:db8::1]:2055` for IPv6.
import { isIP } from 'node:net'

export interface HostPort {
  /** Without brackets. */
  readonly host: string
  readonly port: number
}

/** The parts of HOST:PORT; undefined when it is none. */
export function parseHostPort(text: string): HostPort | undefined {
  const match = /^(?:\[([0-9a-fA-F:.%]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (!match || port > 65_535) return undefined
  return { host: (match[1] ?? match[2])!, port }
}

export const isListenAddress = (text: string): boolean => parseHostPort(text) !== undefined

/** Where flows are taken the host is an address, so that nothing waits for a name server (as the collector has it). */
export function isFlowAddress(text: string): boolean {
  const host = parseHostPort(text)?.host
  return host !== undefined && (host === 'localhost' || isIP(host) !== 0)
}

/** The other way. */
export const formatHostPort = ({ host, port }: HostPort): string => `${host.includes(':') ? `[${host}]` : host}:${port}`
