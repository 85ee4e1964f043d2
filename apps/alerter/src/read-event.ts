// A message of the stream EVENTS → what happened. In: subject and bytes. Fails: RefusedEvent, for bytes that fit no contract.
import { createHash } from 'node:crypto'
import {
  AddressText,
  AssetEvent,
  ExporterEvent,
  type FlowBatch,
  flowsToBatches,
  isSubjectToken,
  RuleMatchEvent,
  SUBJECTS,
} from '@netbehave/schema'
import type { z } from 'zod'

export type AlertEvent =
  | { readonly type: 'asset'; readonly id: string; readonly event: AssetEvent }
  | {
      readonly type: 'rule'
      readonly id: string
      readonly event: RuleMatchEvent
      /** Its first flow, for filters. */
      readonly batch: FlowBatch
    }
  | { readonly type: 'silent' | 'back'; readonly id: string; readonly event: ExporterEvent }

export class RefusedEvent extends Error {
  override readonly name = 'RefusedEvent'
}

/** An event is a few hundred bytes; one of many peers and tags a few thousand. */
const LARGEST_BYTES = 256 * 1024

export function readEvent(subject: string, bytes: Uint8Array): AlertEvent {
  if (bytes.length > LARGEST_BYTES) throw new RefusedEvent(`${bytes.length} bytes are too many for an event`)
  const json = readJson(bytes)
  if (subject === SUBJECTS.assetNew || subject === SUBJECTS.assetChanged) {
    const event = check(AssetEvent, json)
    return { type: 'asset', id: event.id, event }
  }
  if (subject.startsWith('events.exporter.')) {
    const event = check(ExporterEvent, json)
    // The sender is the subject's site.
    if (!isSubjectToken(event.site)) throw new RefusedEvent('site: cannot be the name of a site')
    if (subject === SUBJECTS.exporterSilent(event.site)) return { type: 'silent', id: event.id, event }
    if (subject === SUBJECTS.exporterBack(event.site)) return { type: 'back', id: event.id, event }
    throw new RefusedEvent(`site "${event.site}" on subject ${subject}`)
  }
  if (subject === SUBJECTS.ruleMatch) {
    const event = check(RuleMatchEvent, json)
    if (!AddressText.safeParse(event.source).success) throw new RefusedEvent('source: is no address')
    return { type: 'rule', id: ruleMatchKey(event), event, batch: toBatch(event) }
  }
  throw new RefusedEvent(`nobody knows what is told on ${subject}`)
}

/** A rule match carries no id of its own: it is made at most once for each of these. */
function ruleMatchKey({ rule, site, source, minuteMs }: RuleMatchEvent): string {
  const hash = createHash('sha256').update(`${rule}\0${site}\0${source}`).digest('hex')
  return `rule-${minuteMs}-${hash.slice(0, 32)}`
}

function toBatch({ first }: RuleMatchEvent): FlowBatch {
  try {
    return flowsToBatches([first]).next().value as FlowBatch
  } catch (error) {
    throw new RefusedEvent(`first: ${(error as Error).message}`, { cause: error })
  }
}

function check<T extends z.ZodType>(schema: T, json: unknown): z.output<T> {
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const { path, message } = parsed.error.issues[0]!
  throw new RefusedEvent(`${path.join('.') || 'event'}: ${message}`)
}

function readJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new RefusedEvent('no JSON', { cause: error })
  }
}
