// The one error of this library: what is wrong with a filter's text, and where.

/** A text that is no filter. `from` and `to` are UTF-16 offsets into the text; `expected` names what could stand there. */
export class FilterError extends Error {
  override readonly name = 'FilterError'
  readonly from: number
  readonly to: number
  readonly expected: readonly string[]

  constructor(message: string, from: number, to: number, expected: readonly string[] = []) {
    super(message)
    this.from = from
    this.to = to
    this.expected = expected
  }
}

/** The line of the text that is wrong, carets under the place, and the message: three lines for a terminal or a log. */
export function showFilterError(text: string, error: FilterError): string {
  const lineStart = text.lastIndexOf('\n', error.from - 1) + 1
  const lineEnd = text.indexOf('\n', error.from)
  const line = text.slice(lineStart, lineEnd < 0 ? undefined : lineEnd).replaceAll('\t', ' ')
  const column = error.from - lineStart
  const width = Math.max(1, Math.min(error.to - error.from, line.length - column))
  return `${line}\n${' '.repeat(column)}${'^'.repeat(width)}\n${error.message}`
}
