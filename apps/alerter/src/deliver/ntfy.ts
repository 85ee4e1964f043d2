// ntfy (https://docs.ntfy.sh/publish/), published as JSON, in which text of any kind is safe. In: a message. Fails: DeliveryError.
import type { Severity } from '@netbehave/schema'
import type { NtfyConfig } from '../channel-config.ts'
import type { Channel } from './channel.ts'
import { post } from './post.ts'

/** 3 is ntfy's default, 5 its highest. */
const PRIORITIES: Readonly<Record<Severity, number>> = { info: 3, warning: 4, critical: 5 }
/** Names that ntfy shows as a picture. */
const TAGS: Readonly<Record<Severity, string>> = {
  info: 'information_source',
  warning: 'warning',
  critical: 'rotating_light',
}
/** A longer message would come as an attachment. */
const LONGEST_BYTES = 4000

export function createNtfy({ server, topic, token }: NtfyConfig): Channel {
  const address = new URL(server)
  const headers = {
    'Content-Type': 'application/json',
    ...(token !== '' && { Authorization: `Bearer ${token}` }),
  }
  return {
    name: 'ntfy',
    target: `${address.host}, one topic`, // whoever knows the topic reads along
    async send({ key, kind, severity, subject, text }, signal) {
      const body = JSON.stringify({
        topic,
        title: subject,
        message: cutBytes(text.trim(), LONGEST_BYTES),
        priority: PRIORITIES[severity],
        tags: [TAGS[severity], kind],
      })
      return post(address, body, { ...headers, 'X-NetBehave-Key': key }, signal)
    },
  }
}

/** At most so many bytes of UTF-8, cut between characters. */
export function cutBytes(text: string, longest: number): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= longest) return text
  let end = longest - Buffer.byteLength('…')
  while ((bytes[end]! & 0xc0) === 0x80) end-- // the second and later bytes of a character are 10xxxxxx
  return `${bytes.toString('utf8', 0, end)}…`
}
