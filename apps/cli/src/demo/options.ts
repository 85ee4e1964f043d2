// What `netbehave demo` is told.
export interface DemoOptions {
  readonly data?: string
  readonly seed: number
  /** How far back the past is made, ms; 0: not at all. */
  readonly history: number
  /** Ends by itself after so many minutes. */
  readonly minutes?: number
  readonly json?: boolean
}
