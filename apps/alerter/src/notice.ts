// Something that may be told: what alerts look at, and what texts are filled with.
import type { AlertChannel, AlertKind, FlowBatch, MuteTarget, Severity } from '@netbehave/schema'

export interface Notice {
  /** One message for each of these and channel, ever. */
  readonly id: string
  readonly kind: AlertKind
  readonly severity: Severity
  readonly site: string
  /** When it happened, epoch ms. */
  readonly atMs: number
  /** What the throttle counts apart: the rule. */
  readonly scope: string
  /** What mutes it. */
  readonly about: { readonly target: MuteTarget; readonly value: string } | undefined
  /** Values by name (kinds.ts), one line each. */
  readonly facts: Readonly<Record<string, string>>
  /** Of a rule match: its first flow, and the channels that the rule names. */
  readonly flow?: FlowBatch
  readonly channels?: readonly AlertChannel[]
}
