// What a filter may be at most. A filter comes from strangers too (URL, websocket, rule file): its cost must be bounded.
export const LIMITS = {
  /** UTF-8 bytes of the text, as written and in canonical form. */
  textBytes: 4096,
  /** Conditions, words, and values of `in` lists. */
  terms: 200,
  /** Parentheses, `not`, and levels of and/or within each other. */
  depth: 32,
} as const
