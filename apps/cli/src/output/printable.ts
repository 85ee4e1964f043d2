// Text from outside (DNS names, interface names) before it reaches a terminal, which would obey control characters.

// C0, DEL, C1, line and paragraph separators, and what turns the direction of writing (Trojan Source, CVE-2021-42574).
const UNSAFE = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** The same text with every control character written as \u{…}. */
export const printable = (text: string): string =>
  text.replaceAll(UNSAFE, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`)
