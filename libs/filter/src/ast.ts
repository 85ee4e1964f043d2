// What a filter is once it was understood: plain objects that survive a structured clone, no reference to the text.

export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | '~' | '!~'

/** IPv4 as an unsigned integer, IPv6 as 16 bytes. */
export type Address = number | Uint8Array

export type Value =
  /** A whole number or a range of them, both ends included. Also TCP flags (bits) and durations (ms). */
  | { readonly kind: 'number'; readonly from: number; readonly to: number }
  /** An address, block or range: both ends of one family, both included. */
  | { readonly kind: 'address'; readonly from: Address; readonly to: Address }
  /** An IPv4 address as dotted text with `*`, where that is no block; `*` alone is any address of either family. */
  | { readonly kind: 'address-glob'; readonly text: string }
  /** A MAC or a range of them, as 48-bit integers. */
  | { readonly kind: 'mac'; readonly from: number; readonly to: number }
  /** The pieces between the `*`: `['google']` is a plain text, `['', '.example.com']` is `*.example.com`. */
  | { readonly kind: 'text'; readonly parts: readonly string[] }
  /** The value of another field of the same flow, by canonical name. */
  | { readonly kind: 'field'; readonly field: string }

export type Condition =
  | { readonly kind: 'compare'; readonly field: string; readonly op: Operator; readonly value: Value }
  | { readonly kind: 'in'; readonly field: string; readonly not: boolean; readonly values: readonly Value[] }
  | { readonly kind: 'exists'; readonly field: string }

/** `and` and `or` have at least two terms, none of their own kind. */
export type Ast =
  /** The empty filter: every flow. */
  | { readonly kind: 'all' }
  | { readonly kind: 'and'; readonly terms: readonly Ast[] }
  | { readonly kind: 'or'; readonly terms: readonly Ast[] }
  | { readonly kind: 'not'; readonly term: Ast }
  /** A bare word: in names, orgs, assets, service and rule, and as an address where it can be one. */
  | { readonly kind: 'word'; readonly parts: readonly string[] }
  | Condition

/** a `kind` b, flat. */
export function join(kind: 'and' | 'or', a: Ast, b: Ast): Ast {
  const terms = [a, b].flatMap((term) => (term.kind === kind ? term.terms : [term]))
  return { kind, terms }
}
