// Texts are compared without regard to case, here and in SQL alike. DuckDB's lower() maps each code point by Unicode's simple
// mapping; JavaScript's toLowerCase knows words (final sigma) and one letter that becomes two, so it is applied letter by letter.

/** The form in which texts are compared. Ill-formed text and NUL become U+FFFD, as they do on their way into the archive. */
export function fold(text: string): string {
  const lower = text.toLowerCase()
  // Without letters beyond ASCII both agree, and no text that people write needs repair.
  if (ASCII.test(text)) return lower
  let folded = ''
  for (const letter of text.toWellFormed().replaceAll('\0', '\ufffd'))
    folded += letter === 'İ' ? 'i' : letter.toLowerCase()
  return folded
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is left out on purpose
const ASCII = /^[\x01-\x7f]*$/

/** Does a folded text consist of these folded pieces, with anything between them? */
export function matchesParts(parts: readonly string[], text: string): boolean {
  const first = parts[0]!
  const last = parts.length - 1
  if (last === 0) return text === first
  const tail = parts[last]!
  if (text.length < first.length + tail.length || !text.startsWith(first) || !text.endsWith(tail)) return false
  let at = first.length
  const end = text.length - tail.length
  for (let i = 1; i < last; i++) {
    const found = text.indexOf(parts[i]!, at)
    if (found < 0 || found + parts[i]!.length > end) return false
    at = found + parts[i]!.length
  }
  return true
}
