// Changes of a filter by a click: text in, text out. The values come from flows, so they can be anything.

/** What may stand bare in a filter: no space, comma, quote, parenthesis, sign of the language. */
const BARE = /^[A-Za-z0-9_][A-Za-z0-9_.:/-]*$/
const KEYWORDS = new Set(['and', 'or', 'not', 'in', 'exists'])

export function quoted(value: string): string {
  if (BARE.test(value) && !KEYWORDS.has(value.toLowerCase()) && !value.includes('..')) return value
  return `"${value.replaceAll(/[\\"*]/g, '\\$&')}"`
}

/** `src.ip = 10.0.0.7`; without a value `not src.name exists`. */
export function condition(field: string, value: string | number | null | undefined): string {
  if (value === null || value === undefined || value === '') return `not ${field} exists`
  return `${field} = ${quoted(String(value))}`
}

/** `filter and condition`, or `and not`. A filter that has it already stays as it is. */
export function withCondition(filter: string, added: string, isNot = false): string {
  const term = isNot ? negated(added) : added
  const text = withoutComments(filter).trim()
  if (text === '') return term
  if (hasTerm(text, term)) return text
  // The opposite is there: the reader changed their mind.
  const opposite = isNot ? added : negated(added)
  if (text === opposite) return term
  return `${hasLooseJoint(text) ? `(${text})` : text} and ${term}`
}

const negated = (term: string): string => (term.startsWith('not ') ? term.slice(4) : `not ${term}`)

function hasTerm(text: string, term: string): boolean {
  return text
    .split(/ and /i)
    .map((part) => part.trim())
    .includes(term)
}

/** Is there an `or` or a comma outside of strings, which binds looser than `and`? */
function hasLooseJoint(text: string): boolean {
  const outside = text.replaceAll(/"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/g, '""')
  let depth = 0
  for (const [token] of outside.matchAll(/[(),]|\|\||\bor\b/gi)) {
    if (token === '(') depth++
    else if (token === ')') depth--
    else if (depth === 0) return true
  }
  return false
}

/** A comment would swallow what is added. */
function withoutComments(text: string): string {
  return text.replaceAll(
    /("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|#[^\n]*/g,
    (_, string: string | undefined) => string ?? '',
  )
}
