// Comma-separated values (RFC 4180) → rows of cells, each row with its line. Small, because rule files are read in the browser too.

export interface CsvRow {
  /** Line of the file on which the row begins, from 1. */
  readonly line: number
  /** Without the spaces around them. */
  readonly cells: readonly string[]
}

/** Every row but blank ones and those that begin with `#`. A quote that does not end takes the rest of the file. */
export function readCsv(text: string): CsvRow[] {
  const rows: CsvRow[] = []
  let at = text.startsWith('\ufeff') ? 1 : 0
  for (let line = 1; at < text.length; ) {
    const begin = at
    const endOfLine = nextOf(text, '\n', at)
    const first = text.slice(at, endOfLine).trimStart()
    if (first === '' || first.startsWith('#')) at = endOfLine + 1
    else {
      const cells: string[] = []
      at = readRow(text, at, cells)
      rows.push({ line, cells })
    }
    for (let i = begin; i < at; i++) if (text[i] === '\n') line++
  }
  return rows
}

/** Appends the cells of the row at an offset; gives the offset after its line end. */
function readRow(text: string, from: number, cells: string[]): number {
  for (let at = from; ; at++) {
    let begin = at
    while (text[begin] === ' ' || text[begin] === '\t') begin++
    let cell = ''
    if (text[begin] === '"') {
      let end = begin + 1
      for (; ; end += 2) {
        const quote = nextOf(text, '"', end)
        cell += text.slice(end, quote)
        end = quote
        if (text[quote + 1] !== '"') break
        cell += '"'
      }
      at = end + 1
    }
    let end = at
    while (end < text.length && text[end] !== ',' && text[end] !== '\n') end++
    cells.push((cell + text.slice(at, end)).trim())
    at = end
    if (text[at] !== ',') return at + 1
  }
}

/** The offset of the next such letter, or of the end. */
function nextOf(text: string, letter: string, from: number): number {
  const at = text.indexOf(letter, from)
  return at < 0 ? text.length : at
}
