// Mail over SMTP (RFC 5321), text and HTML. In: a message. Fails: DeliveryError with the server's own words.
import { readFileSync } from 'node:fs'
import { createTransport } from 'nodemailer'
import type { MailConfig } from '../channel-config.ts'
import { textToHtml } from '../text.ts'
import { type Channel, DeliveryError } from './channel.ts'

/** The port on which TLS begins at once (RFC 8314). */
const TLS_PORT = 465

interface SmtpError extends Error {
  readonly code?: string
  readonly responseCode?: number
}

export function createMail(config: MailConfig, timeoutMs: number): Channel {
  const { server: host, port, user, password: pass, recipient, caFile } = config
  const from = senderOf(config)
  const encryption = config.encryption === 'auto' && port === TLS_PORT ? 'tls' : config.encryption
  const ca = caFile === '' ? undefined : readFileSync(caFile)
  const transport = createTransport({
    ...{ host, port },
    secure: encryption === 'tls',
    requireTLS: encryption === 'starttls' || (encryption === 'auto' && pass !== ''),
    ignoreTLS: encryption === 'none',
    ...(user !== '' && { auth: { user, pass } }),
    ...(ca && { tls: { ca } }),
    ...{ connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs },
    // A text is ours; nothing in it may make the library read files or ask other servers.
    ...{ disableFileAccess: true, disableUrlAccess: true },
  })

  return {
    name: 'mail',
    target: recipient.join(', '),
    async send(message) {
      const { key, subject, text } = message
      try {
        const { rejected } = await transport.sendMail({
          ...{ from: { name: 'NetBehave', address: from }, to: [...recipient] },
          ...{ subject, text, html: textToHtml(text) },
          messageId: `<${key}@${from.slice(from.lastIndexOf('@') + 1)}>`,
          headers: { 'X-NetBehave-Key': key, 'X-NetBehave-Kind': message.kind, 'Auto-Submitted': 'auto-generated' },
        })
        // The others have it: sent again, they would have it twice.
        return rejected.length === 0
          ? undefined
          : `${host} refuses ${rejected.map(String).join(', ')}; the others have it`
      } catch (error) {
        throw explain(error as SmtpError, config)
      }
    },
  }
}

function senderOf({ from, user, recipient }: MailConfig): string {
  if (from !== '') return from
  return user.includes('@') ? user : recipient[0]!
}

/** What the server says of a sender, a recipient or a text concerns one message; all else concerns every one. */
function explain(error: SmtpError, { server, port, encryption }: MailConfig): DeliveryError {
  const { code, responseCode, message } = error
  const where = `${server}:${port}`
  if (code === 'EAUTH')
    return fault('channel', `${where} refuses the login: look at SMTP_USER and SMTP_PASSWORD`, error)
  if (code === 'ETLS' || /certificate|SSL|TLS/i.test(message)) {
    const advice = 'a certificate of its own is trusted by alerter.mail.caFile; alerter.mail.encryption says which way'
    return fault('channel', `no encrypted connection to ${where} (${encryption}); ${advice}`, error)
  }
  if (code === 'EENVELOPE' || code === 'EMESSAGE') return fault('message', `${where} refuses the mail`, error)
  if (responseCode !== undefined) return fault('channel', `${where} answers ${responseCode}`, error)
  return fault('channel', `${where} does not answer; look at SMTP_SERVER and SMTP_PORT`, error)
}

const fault = (of: 'channel' | 'message', sentence: string, cause: Error): DeliveryError =>
  new DeliveryError(of, `${sentence} (${cause.message})`, { cause })
