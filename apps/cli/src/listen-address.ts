// HOST:PORT as text, `[2001:db8::1]:2055` for IPv6.

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

/** The other way. */
export const formatHostPort = ({ host, port }: HostPort): string => `${host.includes(':') ? `[${host}]` : host}:${port}`
