// Syslog, RFC 5424: over UDP one message a datagram (RFC 5426), over TCP with the length before each (RFC 6587 §3.4.1).
//
//   <PRI>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID [SD-ID key="…" kind="…"] BOM TEXT
//
// In: a message. Fails: DeliveryError. UDP never tells whether it arrived.
import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import { hostname } from 'node:os'
import type { Severity } from '@netbehave/schema'
import { parseServer, type SYSLOG_FACILITIES, type SyslogConfig } from '../channel-config.ts'
import { oneLine } from '../text.ts'
import { type Channel, DeliveryError, type Message } from './channel.ts'
import { cutBytes } from './ntfy.ts'

type Facility = (typeof SYSLOG_FACILITIES)[number]

/** RFC 5424 §6.2.1. */
const FACILITIES: Readonly<Record<Facility, number>> = {
  ...{ user: 1, daemon: 3, auth: 4, local0: 16, local1: 17, local2: 18, local3: 19 },
}
const SEVERITIES: Readonly<Record<Severity, number>> = { info: 6, warning: 4, critical: 2 }
/** Enterprise number that RFC 5612 sets aside for documents: we have none of our own. */
const SD_ID = 'netbehave@32473'
/** What receivers should take (RFC 5424 §6.1). */
const LONGEST_BYTES = 2048
const LONGEST_TEXT_BYTES = 1400

export function createSyslog({ server, protocol, facility }: SyslogConfig): Channel {
  const { host, port } = parseServer(server)!
  const send = protocol === 'udp' ? sendDatagram : sendStream
  return {
    name: 'syslog',
    target: `${server} (${protocol})`,
    send: (message, signal) => send(host, port, formatSyslog(message, FACILITIES[facility]), signal),
  }
}

export function formatSyslog({ key, kind, severity, site, atMs, subject, text }: Message, facility: number): Buffer {
  const priority = facility * 8 + SEVERITIES[severity]
  const elements = Object.entries({ key, kind, site, severity }).map(([name, value]) => `${name}="${quote(value)}"`)
  const head = [
    `<${priority}>1`,
    new Date(atMs).toISOString(),
    ascii(hostname(), 255),
    'netbehave',
    '-',
    ascii(kind, 32),
    `[${SD_ID} ${elements.join(' ')}]`,
  ].join(' ')
  const body = cutBytes(`${subject}: ${oneLine(text, LONGEST_TEXT_BYTES)}`, LONGEST_TEXT_BYTES)
  return Buffer.from(`${head} \uFEFF${body}`).subarray(0, LONGEST_BYTES)
}

/** RFC 5424 §6.3.3: these three are escaped in a value. */
const quote = (value: string): string => oneLine(value, 64).replaceAll(/["\\\]]/g, (character) => `\\${character}`)

/** Header fields are printable ASCII without blanks. */
const ascii = (text: string, longest: number): string => text.replaceAll(/[^!-~]/g, '').slice(0, longest) || '-'

async function sendDatagram(host: string, port: number, bytes: Buffer): Promise<undefined> {
  const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4' })
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.send(bytes, port, host, (error) => (error ? reject(error) : resolve()))
    })
    return undefined
  } catch (error) {
    throw fault(host, port, error)
  } finally {
    socket.close()
  }
}

/** How long the other side has to end as well, or to refuse, after it was sent everything. */
const CLOSE_MS = 1_000

/** The message, and the end of our side. */
async function sendStream(host: string, port: number, bytes: Buffer, signal: AbortSignal): Promise<undefined> {
  const socket = connect({ host, port })
  let grace: NodeJS.Timeout | undefined
  const abort = () => socket.destroy(new Error('it took too long'))
  signal.addEventListener('abort', abort, { once: true })
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.once('close', () => resolve())
      socket.once('finish', () => {
        grace = setTimeout(resolve, CLOSE_MS)
      })
      socket.resume()
      socket.end(Buffer.concat([Buffer.from(`${bytes.length} `), bytes]))
    })
    return undefined
  } catch (error) {
    throw fault(host, port, error)
  } finally {
    clearTimeout(grace)
    signal.removeEventListener('abort', abort)
    socket.destroy()
  }
}

const fault = (host: string, port: number, error: unknown): DeliveryError =>
  new DeliveryError('channel', `${host}:${port} takes no syslog (${(error as Error).message})`, { cause: error })
