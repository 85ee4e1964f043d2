// Rows as aligned columns with a heading, for people.
import { printable } from './printable.ts'

export interface TableColumn<Row> {
  readonly heading: string
  readonly value: (row: Row) => string | number
  /** Numbers stand right. */
  readonly align?: 'left' | 'right'
}

/** The lines of a table, heading first; trailing blanks are cut. */
export function formatTable<Row>(columns: readonly TableColumn<Row>[], rows: readonly Row[]): string[] {
  const cells = rows.map((row) => columns.map(({ value }) => printable(String(value(row)))))
  const lines = [columns.map(({ heading }) => heading), ...cells]
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)))
  return lines.map((line) =>
    line
      .map((cell, i) => (columns[i]!.align === 'right' ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd(),
  )
}
