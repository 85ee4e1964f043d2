// Assets as comma-separated values, out and in again. A spreadsheet runs cells that begin with = + - @, so such a cell gets a ' in front,
// which reading takes away. In: text. Out: entries of an import, each with its line, and what is wrong, by line.
import { AssetImport, type AssetRecord } from '@netbehave/schema'
import { CsvError, parse } from 'csv-parse/sync'

export const CSV_HEADING = [
  ...['site', 'ip', 'mac', 'vendor', 'hostname', 'name', 'owner', 'type', 'note', 'tags'],
  ...['first_seen', 'last_seen', 'active', 'locked'],
] as const
type Column = (typeof CSV_HEADING)[number]

export interface CsvEntry {
  readonly line: number
  readonly asset: AssetImport
}
export interface CsvProblem {
  readonly line: number
  readonly problem: string
}

/** A row that is so long is no asset. */
const MAX_ROW_CHARACTERS = 100_000

export const csvLine = (asset: AssetRecord): string =>
  CSV_HEADING.map((column) => cell(textOf(asset, column))).join(',')

function textOf(asset: AssetRecord, column: Column): string {
  switch (column) {
    case 'tags':
      return asset.tags.map((tag) => tag.replaceAll(/[\\;]/g, '\\$&')).join(';')
    case 'locked':
      return asset.locked.join(';')
    case 'first_seen':
      return new Date(asset.firstMs).toISOString()
    case 'last_seen':
      return new Date(asset.lastMs).toISOString()
    case 'active':
      return asset.active ? 'yes' : 'no'
    case 'mac':
      return asset.mac ?? ''
    default:
      return asset[column]
  }
}

// Cells that begin so already get one ' more, so that reading gives back what was written.
const guard = (text: string): string => (/^'*[=+\-@\t\r\n]/.test(text) ? `'${text}` : text)
const unguard = (text: string): string => (/^'+[=+\-@\t\r\n]/.test(text) ? text.slice(1) : text)

function cell(value: string): string {
  const text = guard(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Columns are named by the first row, in any order; `site` may be left out where one is given. */
export function readAssetsCsv(text: string, site: string | undefined): { entries: CsvEntry[]; problems: CsvProblem[] } {
  let rows: { record: string[]; info: { lines: number } }[]
  try {
    // The types know nothing of what `info` adds.
    rows = parse(text, {
      bom: true,
      info: true,
      skip_empty_lines: true,
      max_record_size: MAX_ROW_CHARACTERS,
      relax_column_count: true,
    }) as unknown as typeof rows
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const { lines } = error as unknown as { lines?: number }
    return { entries: [], problems: [{ line: lines ?? 1, problem: `is no CSV: ${error.message}` }] }
  }
  const [head, ...body] = rows
  if (head === undefined) return { entries: [], problems: [{ line: 1, problem: 'the file is empty' }] }
  const columns = head.record.map((name) => name.trim().toLowerCase())
  const wrong = findWrongHeading(columns, site)
  if (wrong !== undefined) return { entries: [], problems: [{ line: head.info.lines, problem: wrong }] }
  const entries: CsvEntry[] = []
  const problems: CsvProblem[] = []
  // The parser says on which line a row ends.
  for (const { record, info } of body) {
    const asset = readRow(columns, record, site)
    if (typeof asset === 'string') problems.push({ line: info.lines, problem: asset })
    else entries.push({ line: info.lines, asset })
  }
  return { entries, problems }
}

function findWrongHeading(columns: readonly string[], site: string | undefined): string | undefined {
  const unknown = columns.find((name) => !(CSV_HEADING as readonly string[]).includes(name))
  if (unknown !== undefined) return `"${unknown.slice(0, 64)}" is no column; there are ${CSV_HEADING.join(', ')}`
  const twice = columns.find((name, i) => columns.indexOf(name) !== i)
  if (twice !== undefined) return `column ${twice} is there twice`
  if (!columns.includes('ip')) return 'there is no column ip'
  if (!columns.includes('site') && site === undefined) return 'there is no column site: add it, or name one with --site'
  return undefined
}

/** The entry, or why the row is none. */
function readRow(
  columns: readonly string[],
  record: readonly string[],
  site: string | undefined,
): AssetImport | string {
  if (record.length !== columns.length) return `has ${record.length} cells and the first row ${columns.length}`
  const entry: Record<string, unknown> = site === undefined ? {} : { site }
  for (const [i, column] of columns.entries()) {
    const value = unguard(record[i]!).replaceAll('\r\n', '\n')
    if (column === 'tags') entry.tags = splitTags(value)
    else if (column === 'locked') entry.locked = value === '' ? [] : value.split(';').map((field) => field.trim())
    else if (column === 'mac') entry.mac = value === '' ? null : value.toLowerCase().replaceAll('-', ':')
    else if (column === 'first_seen' || column === 'last_seen') {
      if (value === '') continue
      const ms = Date.parse(value)
      if (Number.isNaN(ms)) return `${column}: "${value.slice(0, 64)}" is no time like 2026-11-24T12:00:00Z`
      entry[column === 'first_seen' ? 'firstMs' : 'lastMs'] = ms
    } else if (column !== 'vendor' && column !== 'active') {
      if (column === 'site' && value === '') continue
      entry[column] = value
    }
  }
  const parsed = AssetImport.safeParse(entry)
  if (parsed.success) return parsed.data
  const { path, message } = parsed.error.issues[0]!
  return path.length > 0 ? `${path.join('.')}: ${message}` : message
}

/** `a;b` → a, b; a ; of a tag's own is written \; */
function splitTags(text: string): string[] {
  const tags = text.match(/(?:\\.|[^\\;])+/g) ?? []
  return tags.map((tag) => tag.replaceAll(/\\(.)/g, '$1').trim()).filter((tag) => tag !== '')
}
