// The original's rule file, acl.csv: a name, then one condition a cell; all must hold; the first row that matches names the flow.
// Every row keeps its meaning, but for the original's defects: where a row now says something else, a finding tells why.
// Fails: never; a row that is no rule is a finding, too.
import { type Ast, join } from './ast.ts'
import { readCsv } from './csv.ts'
import { type Field, findField } from './fields.ts'
import { FilterError } from './filter-error.ts'
import { type ParseOptions, parse } from './parse.ts'
import { print, quoteText } from './print.ts'

export interface AclRule {
  readonly name: string
  /** Line of the file, from 1. */
  readonly line: number
  readonly filter: Ast
}

export interface AclFinding {
  readonly line: number
  /** `error`: the row is no rule. `differs`: it is one, but says something else than it did in the original. */
  readonly kind: 'error' | 'differs'
  readonly message: string
  /** The cell that it is about, as written. */
  readonly cell?: string
}

export interface AclRow {
  readonly name: string
  /** Undefined when a cell is no condition. */
  readonly filter: Ast | undefined
  readonly findings: readonly Omit<AclFinding, 'line'>[]
}

/** The rules of a file in its order, without the rows that are none, and what there is to say about rows. */
export function parseAcl(csv: string, options: ParseOptions = {}): { rules: AclRule[]; findings: AclFinding[] } {
  const rules: AclRule[] = []
  const findings: AclFinding[] = []
  for (const { line, cells } of readCsv(csv)) {
    const row = parseAclRow(cells, options)
    for (const finding of row.findings) findings.push({ line, ...finding })
    if (row.filter) rules.push({ name: row.name, line, filter: row.filter })
  }
  return { rules, findings }
}

/** One row: name, conditions. Empty cells are passed over. */
export function parseAclRow(cells: readonly string[], options: ParseOptions = {}): AclRow {
  const [name = '', ...conditions] = cells.map((cell) => cell.trim())
  const findings: Omit<AclFinding, 'line'>[] = []
  let filter: Ast = { kind: 'all' }
  let isRule = name !== ''
  if (!isRule) findings.push({ kind: 'error', message: 'the row has no name' })
  for (const cell of conditions) {
    if (cell === '') continue
    try {
      const { ast, differs } = parseCell(cell, options)
      filter = filter.kind === 'all' ? ast : join('and', filter, ast)
      for (const message of differs) findings.push({ kind: 'differs', message, cell })
    } catch (error) {
      if (!(error instanceof FilterError)) throw error
      isRule = false
      findings.push({ kind: 'error', message: error.message, cell })
    }
  }
  if (isRule && filter.kind === 'all') {
    findings.push({ kind: 'differs', message: 'the row has no condition: it names every flow that comes to it' })
  }
  try {
    // Together the cells must be a filter that can be written down.
    if (isRule) parse(print(filter), options)
  } catch (error) {
    isRule = false
    findings.push({ kind: 'error', message: (error as FilterError).message })
  }
  return { name, filter: isRule ? filter : undefined, findings }
}

interface ParsedCell {
  readonly ast: Ast
  /** Why it says something else than in the original. */
  readonly differs: readonly string[]
}

interface PlainCell {
  readonly field: Field
  readonly fieldName: string
  readonly op: string
  readonly rest: string
}

function parseCell(cell: string, options: ParseOptions): ParsedCell {
  const plain = readPlainCell(cell)
  if (!plain) {
    const ast = parse(cell, options)
    return {
      ast,
      differs: ['the original knew no quotes, parentheses, words or "and", "or", "not": it is read as a filter'],
    }
  }
  const { fieldName, op, rest } = plain
  const value = rest === '' ? '' : quoteText(rest.split(/\*+/))
  // The offsets of an error are those of this text; its message names the value, which is what a row's reader needs.
  return { ast: parse(`${fieldName} ${op} ${value}`, options), differs: differences(plain) }
}

/** `knownField op rest`, where `rest` is the whole value, spaces included. */
function readPlainCell(cell: string): PlainCell | undefined {
  const [, fieldName = '', op = '', rest = ''] =
    /^([\w./-]+)\s*(==|!=|!~|<=|>=|=|:|<|>|~)\s*([\s\S]*)$/.exec(cell) ?? []
  const field = findField(fieldName)
  if (!field || rest.startsWith("'") || rest.startsWith('@') || /["()]| (and|or|not) /.test(rest)) return undefined
  return { field, fieldName, op, rest }
}

/** Fields that the original had, by its own names. */
const ORIGINAL_FIELD = /^(protocol|protocol_name|ip_version|host|bytes|packets|match|servicename|(src|dst)\/[\w/]+)$/i

function differences({ field, fieldName, op, rest }: PlainCell): string[] {
  const found: string[] = []
  const isNegated = op === '!='
  if (!ORIGINAL_FIELD.test(fieldName)) found.push(`the original did not know the field ${fieldName} and passed over it`)
  if (!['=', '!=', '<', '>'].includes(op)) found.push(`the original did not know ${op}`)
  if (op === '>') found.push('the original compared > as <')
  if (isNegated && rest.includes('*')) found.push('the original took != with a * for =')
  if (isNegated && field.type === 'address' && rest.includes('/')) found.push('the original took != with a block for =')
  if (/[^*]\*+[^*]/.test(rest)) found.push('in the original a * in the middle never matched')
  if (field.type !== 'text' && rest.includes('..')) found.push('the original did not know ranges')
  if (field.type === 'text' && / #/.test(rest))
    found.push('the # and what follows belong to the value; a comment has a line of its own')
  if (/\/network$/i.test(fieldName) && /^external$/i.test(rest)) {
    found.push('the original counted every IPv6 address as external')
  }
  return found
}
