// A real SMTP server: STARTTLS with a self-made certificate, login. Keeps what it took.
import { once } from 'node:events'
import { createServer } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { SMTPServer } from 'smtp-server'
import { makeCertificate } from './certificate.ts'

export interface Mail {
  readonly recipients: readonly string[]
  readonly isEncrypted: boolean
  readonly user: string | undefined
  /** By name in lower case, unfolded. */
  readonly headers: ReadonlyMap<string, string>
  readonly text: string
  readonly html: string
}

export interface SmtpOptions {
  readonly port?: number
  /** Without, the server offers neither. */
  readonly isPlain?: boolean
  /** TLS from the first byte. */
  readonly isTls?: boolean
  /** Throws to refuse a recipient. */
  readonly onRecipient?: (address: string) => void
}

export const LOGIN = { user: 'alerts@example.org', password: 'sesame' }
export const CERTIFICATE = makeCertificate()

export async function startSmtp({ port = 0, isPlain = false, isTls = false, onRecipient }: SmtpOptions = {}) {
  const mails: Mail[] = []
  const server = new SMTPServer({
    ...CERTIFICATE,
    logger: false,
    secure: isTls,
    disabledCommands: isPlain ? ['STARTTLS', 'AUTH'] : [],
    authOptional: isPlain,
    onAuth({ username, password }, _session, done) {
      if (username === LOGIN.user && password === LOGIN.password) done(null, { user: username })
      else done(new Error('Invalid username or password'))
    },
    onRcptTo({ address }, _session, done) {
      try {
        onRecipient?.(address)
        done()
      } catch (error) {
        done(error as Error)
      }
    },
    onData(stream, session, done) {
      buffer(stream).then((bytes) => {
        const recipients = session.envelope.rcptTo.map(({ address }) => address)
        mails.push({
          ...{ recipients, isEncrypted: session.secure, user: session.user as string | undefined },
          ...parseMail(bytes.toString('latin1')),
        })
        done()
      }, done)
    },
  })
  server.on('error', () => {}) // a client that is killed in the middle
  server.listen(port, '127.0.0.1')
  await once(server.server, 'listening')
  return {
    mails,
    port: (server.server.address() as { port: number }).port,
    close: () => new Promise<void>((resolve) => server.close(resolve)),
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => server.close(resolve))
    },
  }
}

/** A port on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

function parseMail(raw: string): Pick<Mail, 'headers' | 'text' | 'html'> {
  const { headers, body } = splitPart(raw)
  const boundary = /boundary="([^"]+)"/.exec(headers.get('content-type') ?? '')?.[1] ?? 'none'
  const parts = body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => splitPart(part.replace(/^\r\n/, '')))
  const find = (type: string) => parts.find((part) => part.headers.get('content-type')?.startsWith(type))
  return { headers, text: decodePart(find('text/plain')), html: decodePart(find('text/html')) }
}

function splitPart(raw: string): { headers: Map<string, string>; body: string } {
  const end = raw.indexOf('\r\n\r\n')
  const lines = raw
    .slice(0, end)
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
  const headers = new Map<string, string>()
  for (const line of lines)
    headers.set(line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim())
  return { headers, body: raw.slice(end + 4) }
}

function decodePart(part: ReturnType<typeof splitPart> | undefined): string {
  if (!part) return ''
  const encoding = part.headers.get('content-transfer-encoding')
  if (encoding === 'base64') return Buffer.from(part.body, 'base64').toString()
  const bytes =
    encoding === 'quoted-printable'
      ? part.body
          .replaceAll(/=\r\n/g, '')
          .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      : part.body
  return Buffer.from(bytes, 'latin1').toString().replaceAll('\r\n', '\n')
}
