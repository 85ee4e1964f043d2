// JSON by POST, signed. `X-NetBehave-Signature: t=<seconds>,v1=<hex>`, where v1 = HMAC-SHA256(secret, "<seconds>.<body>").
// In: a message. Fails: DeliveryError.
import { createHmac } from 'node:crypto'
import type { WebhookConfig } from '../channel-config.ts'
import type { Channel } from './channel.ts'
import { post } from './post.ts'

export function createWebhook({ url, secret }: WebhookConfig, now: () => number): Channel {
  const address = new URL(url)
  return {
    name: 'webhook',
    target: address.host, // a path may be as good as a password
    async send({ key, kind, severity, site, atMs, subject, text, facts }, signal) {
      const body = JSON.stringify({ key, kind, severity, site, at: new Date(atMs).toISOString(), subject, text, facts })
      const headers: Record<string, string> = { 'Content-Type': 'application/json', 'X-NetBehave-Key': key }
      if (secret !== '') headers['X-NetBehave-Signature'] = sign(secret, body, Math.floor(now() / 1000))
      return post(address, body, headers, signal)
    },
  }
}

function sign(secret: string, body: string, seconds: number): string {
  const signature = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')
  return `t=${seconds},v1=${signature}`
}
