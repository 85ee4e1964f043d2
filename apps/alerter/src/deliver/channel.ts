// What every way to tell people has in common.
import type { AlertChannel, Severity } from '@netbehave/schema'

/** A message as channels get it. Subject and values are single lines without control characters; the text has lines. */
export interface Message {
  /** The same each time it is sent, so that a receiver can drop what comes again. */
  readonly key: string
  /** Kind of alert, `digest` or `test`. */
  readonly kind: string
  readonly severity: Severity
  readonly site: string
  /** When it happened, epoch ms. */
  readonly atMs: number
  readonly subject: string
  readonly text: string
  readonly facts: Readonly<Record<string, string>>
}

export interface Channel {
  readonly name: AlertChannel
  /** To whom, without secrets. */
  readonly target: string
  /** Resolves once the other side has the message, with a remark where there is one to make. Throws DeliveryError. */
  send(message: Message, signal: AbortSignal): Promise<string | undefined>
}

/** Why a message was not taken: `channel`, nothing can be sent now; `message`, this one was refused, others may go. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError'
  readonly of: 'channel' | 'message'

  constructor(of: 'channel' | 'message', sentence: string, options?: ErrorOptions) {
    super(sentence, options)
    this.of = of
  }
}
