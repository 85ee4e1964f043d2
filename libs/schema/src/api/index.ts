// The HTTP API and the live protocol, as contracts. `import type` costs a browser bundle nothing; the schemas bring zod.
import * as access from './access.ts'
import * as alerts from './alerts.ts'
import * as assets from './assets.ts'
import * as days from './days.ts'
import * as filter from './filter.ts'
import * as flows from './flows.ts'
import * as health from './health.ts'
import * as names from './names.ts'
import type { Route } from './route.ts'
import * as rules from './rules.ts'

export type { Flow } from '../flow.ts'
export * from './access.ts'
export * from './alerts.ts'
export * from './assets.ts'
export * from './days.ts'
export * from './filter.ts'
export * from './flows.ts'
export * from './health.ts'
export * from './live.ts'
export * from './names.ts'
export * from './parts.ts'
export * from './problem.ts'
export * from './route.ts'
export * from './rules.ts'

const isRoute = (value: unknown): value is Route =>
  typeof value === 'object' && value !== null && 'method' in value && 'path' in value

/** Every route, in the order of docs/api.md. */
export const API_ROUTES: readonly Route[] = [flows, filter, days, rules, health, assets, names, alerts, access].flatMap(
  (part) => Object.values(part).filter(isRoute),
)
