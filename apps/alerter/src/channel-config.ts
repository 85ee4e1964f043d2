// Settings of the ways to tell people. A way is configured when its address is; `mail` keeps the names of the 2018 system.
import { isIP } from 'node:net'
import type { AlertChannel } from '@netbehave/schema'
import { z } from 'zod'

const MAIL_ADDRESS = /^[^\s@<>,;"]+@[^\s@<>,;"]+$/
const mailAddress = z.string().regex(MAIL_ADDRESS, 'write an address like me@example.org')

export const MailConfig = z
  .strictObject({
    server: z.string().default('').describe('SMTP server; empty: no mail').meta({ env: 'SMTP_SERVER' }),
    port: z.int().min(1).max(65_535).default(587).describe('usually 587, 465 or 25').meta({ env: 'SMTP_PORT' }),
    user: z.string().default('').describe('login; empty: none').meta({ env: 'SMTP_USER' }),
    password: z.string().default('').describe('password of that login').meta({ env: 'SMTP_PASSWORD' }),
    recipient: z
      .array(mailAddress)
      .default([])
      .describe('who gets the mails')
      .meta({ env: 'SMTP_RECIPIENT', examples: [['me@example.org']] }),
    from: z
      .union([z.literal(''), mailAddress])
      .default('')
      .describe('sender; default: the login where that is an address, else the first recipient'),
    encryption: z
      .enum(['auto', 'starttls', 'tls', 'none'])
      .default('auto')
      .describe(
        'starttls and tls insist; auto: TLS on port 465, else STARTTLS where it is offered, and always where there is a password',
      ),
    caFile: z
      .string()
      .default('')
      .describe("file of certificates (PEM) to trust, for a server with one of its own; empty: the system's"),
  })
  .superRefine((mail, context) => {
    const issue = (key: keyof typeof mail, message: string) =>
      context.addIssue({ code: 'custom', path: [key], message, input: mail[key] })
    if (mail.server !== '' && mail.recipient.length === 0)
      issue('recipient', 'mails need somebody who gets them: write for example me@example.org')
    if (mail.server === '' && mail.recipient.length > 0)
      issue('server', 'somebody gets mails and no server takes them: write for example mail.example.org')
    if (mail.user !== '' && mail.password === '')
      issue('password', 'the login has no password; write one, or no user for a server without login, for example ""')
    if (mail.user === '' && mail.password !== '')
      issue('user', 'there is a password and no login; write for example me@example.org')
    if (mail.password !== '' && mail.encryption === 'none')
      issue('encryption', 'a password is not sent in clear text; write for example starttls')
  })
export type MailConfig = z.infer<typeof MailConfig>

const webAddress = (example: string) =>
  z.string().refine((text) => text === '' || isWebAddress(text), `write an address like ${example}`)

export const WebhookConfig = z
  .strictObject({
    url: webAddress('https://example.org/hook')
      .default('')
      .describe('where JSON is posted to; empty: no webhook')
      .meta({ secret: true }),
    secret: z.string().default('').describe('key of the signature (HMAC-SHA256); empty: not signed'),
  })
  .superRefine(({ url, secret }, context) => {
    if (url === '' && secret !== '')
      context.addIssue({
        code: 'custom',
        path: ['url'],
        message: 'there is a key and no address; write for example https://example.org/hook',
      })
  })
export type WebhookConfig = z.infer<typeof WebhookConfig>

export const NtfyConfig = z
  .strictObject({
    server: webAddress('https://ntfy.example.org').default('https://ntfy.sh').describe('ntfy server'),
    topic: z
      .string()
      .regex(/^[-_A-Za-z0-9]{0,64}$/, 'write 1 to 64 letters, digits, _ or -, for example netbehave-4711')
      .default('')
      .describe('topic; whoever knows it can read along, so choose one that cannot be guessed; empty: no ntfy')
      .meta({ secret: true }),
    token: z.string().default('').describe('access token; empty: none'),
  })
  .superRefine(({ server, topic, token }, context) => {
    if (topic !== '' && server === '')
      context.addIssue({ code: 'custom', path: ['server'], message: 'write for example https://ntfy.example.org' })
    if (topic === '' && token !== '')
      context.addIssue({
        code: 'custom',
        path: ['topic'],
        message: 'there is a token and no topic; write for example netbehave-4711',
      })
  })
export type NtfyConfig = z.infer<typeof NtfyConfig>

export const SYSLOG_FACILITIES = ['user', 'daemon', 'auth', 'local0', 'local1', 'local2', 'local3'] as const

export const SyslogConfig = z.strictObject({
  server: z
    .string()
    .refine((text) => text === '' || parseServer(text) !== undefined, 'write HOST:PORT, for example 192.0.2.9:514')
    .default('')
    .describe('HOST:PORT of a syslog server; empty: no syslog'),
  protocol: z.enum(['udp', 'tcp']).default('udp').describe('udp says never whether it arrived'),
  facility: z.enum(SYSLOG_FACILITIES).default('daemon').describe('facility of the messages'),
})
export type SyslogConfig = z.infer<typeof SyslogConfig>

export interface ChannelsConfig {
  readonly mail: MailConfig
  readonly webhook: WebhookConfig
  readonly ntfy: NtfyConfig
  readonly syslog: SyslogConfig
}

/** The channels that have an address. Without any, there is nothing for the alerter to do. */
export function configuredChannels({ mail, webhook, ntfy, syslog }: ChannelsConfig): AlertChannel[] {
  const has: Readonly<Record<AlertChannel, boolean>> = {
    mail: mail.server !== '',
    webhook: webhook.url !== '',
    ntfy: ntfy.topic !== '',
    syslog: syslog.server !== '',
  }
  return (Object.keys(has) as AlertChannel[]).filter((channel) => has[channel])
}

/** `host:514`, `192.0.2.9:514`, `[2001:db8::9]:514` → parts; undefined when it is none of them. */
export function parseServer(text: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]]+)):(\d{1,5})$/.exec(text)
  if (!match) return undefined
  const port = Number(match[3])
  if (port < 1 || port > 65_535) return undefined
  if (match[1] !== undefined && isIP(match[1]) !== 6) return undefined
  return { host: match[1] ?? match[2]!, port }
}

function isWebAddress(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:')
}
