// What a list of flows holds: flows, and gaps where flows are missing.
import type { Flow } from '@netbehave/schema/api'

export interface FlowEntry {
  readonly kind: 'flow'
  /** Unique within the list. */
  readonly id: number
  readonly flow: Flow
}

/** Flows that matched and are not shown; history has them. */
export interface GapEntry {
  readonly kind: 'gap'
  readonly id: number
  readonly flows: number
  readonly fromMs: number
  readonly toMs: number
  readonly state: 'idle' | 'loading' | 'empty' | 'failed'
  /** Why loading failed. */
  readonly why?: string
}

export type Entry = FlowEntry | GapEntry
