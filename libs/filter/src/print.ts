// AST → canonical text: canonical names, `and`/`or` spelled out, one space around operators, quotes only where needed.
// parse(print(ast)) is ast, for every ast that parse gave.
import { formatAddresses } from './addresses.ts'
import type { Ast, Value } from './ast.ts'
import { type Field, fieldNamed, findField } from './fields.ts'
import { formatMacs } from './macs.ts'
import { formatNumber } from './numbers.ts'

/** The canonical text of a filter; empty for every flow. */
export function print(ast: Ast): string {
  switch (ast.kind) {
    case 'all':
      return ''
    case 'or':
      return ast.terms.map(print).join(' or ')
    case 'and':
      return ast.terms.map((term) => inParentheses(term, term.kind === 'or')).join(' and ')
    case 'not':
      return `not ${inParentheses(ast.term, ast.term.kind === 'or' || ast.term.kind === 'and')}`
    case 'word':
      return printWord(ast.parts)
    case 'exists':
      return `${ast.field} exists`
    case 'in': {
      const field = fieldNamed(ast.field)
      const values = ast.values.map((value) => printValue(field, value))
      return `${ast.field} ${ast.not ? 'not ' : ''}in (${values.join(', ')})`
    }
    case 'compare':
      return `${ast.field} ${ast.op} ${printValue(fieldNamed(ast.field), ast.value)}`
  }
}

const inParentheses = (ast: Ast, needed: boolean): string => (needed ? `(${print(ast)})` : print(ast))

export function printValue(field: Field, value: Value): string {
  switch (value.kind) {
    case 'number': {
      const from = formatNumber(field, value.from)
      return value.from === value.to ? from : `${from}..${formatNumber(field, value.to)}`
    }
    case 'address':
      return formatAddresses(value.from, value.to)
    case 'address-glob':
      return value.text
    case 'mac':
      return formatMacs(value.from, value.to)
    case 'field':
      return `@${value.field}`
    case 'text':
      return value.parts.every((part) => /^[\p{L}\p{N}_./:+-]*$/u.test(part))
        ? value.parts.join('*')
        : quoteText(value.parts)
  }
}

function printWord(parts: readonly string[]): string {
  const text = parts.join('*')
  const plain = parts.every((part) => /^[\p{L}\p{N}_./-]*$/u.test(part)) && !/^-|^(and|or|not|in|exists)$/i.test(text)
  return plain && !findField(text) ? text : quoteText(parts)
}

/** A text of these pieces in quotes, for where a value or a word stands. */
export function quoteText(parts: readonly string[]): string {
  return `"${parts.map((part) => part.replaceAll(/[\\"*]/g, '\\$&')).join('*')}"`
}
