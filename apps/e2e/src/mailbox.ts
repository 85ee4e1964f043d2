// A real SMTP server on loopback that insists on STARTTLS and a login. Out: the mails that it took. Fails: Error when openssl is missing.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { SMTPServer } from 'smtp-server'

export interface Mailbox extends AsyncDisposable {
  readonly mails: readonly string[]
  /** What makes `netbehave up` send mails here. */
  readonly env: Readonly<Record<string, string>>
}

const LOGIN = { user: 'netbehave', password: 'correct horse' }

export async function startMailbox(dir: string): Promise<Mailbox> {
  const [key, cert] = [join(dir, 'smtp.key'), join(dir, 'smtp.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
  const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert, ...subject]
  await promisify(execFile)('openssl', made)
  const mails: string[] = []
  const server = new SMTPServer({
    key: await readFile(key),
    cert: await readFile(cert),
    onAuth: ({ username, password }, session, done) => {
      const isRight = session.secure && username === LOGIN.user && password === LOGIN.password
      done(isRight ? null : new Error('wrong login, or not encrypted'), { user: username })
    },
    onData: (stream, _session, done) => {
      let text = ''
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      stream.on('end', () => {
        mails.push(text)
        done()
      })
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as AddressInfo
  return {
    mails,
    env: {
      SMTP_SERVER: '127.0.0.1',
      SMTP_PORT: String(port),
      SMTP_USER: LOGIN.user,
      SMTP_PASSWORD: LOGIN.password,
      SMTP_RECIPIENT: 'me@example.org',
      ALERTER_MAIL_CA_FILE: cert,
    },
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
