// AST → one line of English, and hints about what may not be meant. In: an AST that `parse` gave. Fails: never.
import { readAddress } from './addresses.ts'
import type { Ast, Condition, Operator, Value } from './ast.ts'
import { type Field, fieldNamed } from './fields.ts'
import { print, printValue } from './print.ts'

/** What the filter matches, as a sentence without a full stop. */
export function explain(filter: Ast): string {
  return filter.kind === 'all' ? 'every flow' : `flows where ${clause(filter)}`
}

function clause(ast: Ast): string {
  switch (ast.kind) {
    case 'all':
      return 'anything holds'
    case 'and':
      return ast.terms.map((term) => (term.kind === 'or' ? `(${clause(term)})` : clause(term))).join(' and ')
    case 'or':
      return ast.terms.map(clause).join(' or ')
    case 'not':
      return negatedClause(ast.term)
    case 'word':
      return explainWord(ast.parts)
    default:
      return explainCondition(ast)
  }
}

/** `not` has flows without a value too, which `!=` passes over. */
function negatedClause(term: Ast): string {
  switch (term.kind) {
    case 'all':
      return 'nothing holds'
    case 'not':
      return clause(term.term)
    case 'and':
      return `not all of this holds: (${clause(term)})`
    case 'or':
      return `nothing of this holds: (${clause(term)})`
    case 'word':
      return `this does not hold: (${explainWord(term.parts)})`
    default:
      return explainCondition(term, true)
  }
}

function explainWord(parts: readonly string[]): string {
  const text = parts.join('*')
  const where = `a name, holder, asset, service or rule ${parts.length > 1 ? 'is like' : 'contains'} "${text}"`
  const address = readAddress(text)
  return address ? `an address is ${preposition(address)}${text} or ${where}` : where
}

/** `inverted`: what stands after `not`. */
function explainCondition(condition: Condition, inverted = false): string {
  const field = fieldNamed(condition.field)
  const negated = condition.kind === 'in' ? condition.not : condition.kind === 'compare' && condition.op.startsWith('!')
  if (inverted && negated) return `this does not hold: (${explainCondition(condition)})`
  const subject = `the ${phrase(field)}${field.sides ? (negated || inverted ? ' of neither side' : ' of either side') : ''}`
  // "of neither side is" says no already.
  const isNot = inverted && !field.sides
  const verb = negated && !field.sides ? 'is there and is not' : isNot ? 'is not' : 'is'
  if (condition.kind === 'exists') return `${subject} ${verb} known`
  const orUnknown = isNot && field.optional ? ' (or not known)' : ''
  if (condition.kind === 'in') {
    const values = condition.values.map((value) => explainValue(field, value)).join(', ')
    return `${subject} ${isNot ? 'is none' : `${verb} one`} of ${values}${orUnknown}`
  }
  const { op, value } = condition
  if (op === '~' || op === '!~') {
    const contains = negated && !field.sides ? 'is there and does not contain' : isNot ? 'does not contain' : 'contains'
    return `${subject} ${contains} ${explainValue(field, value)}${orUnknown}`
  }
  const order = op === '=' || op === '!=' ? '' : `${ORDER[op]} `
  return `${subject} ${verb} ${order}${preposition(value)}${explainValue(field, value)}${orUnknown}`
}

const ORDER: Readonly<Record<Exclude<Operator, '=' | '!=' | '~' | '!~'>, string>> = {
  '<': 'below',
  '<=': 'at most',
  '>': 'above',
  '>=': 'at least',
}

function preposition(value: Value): string {
  if (value.kind === 'text') return value.parts.length > 1 ? 'like ' : ''
  if (value.kind === 'address-glob') return 'like '
  return 'from' in value && value.from !== value.to ? 'in ' : ''
}

const explainValue = (field: Field, value: Value): string =>
  value.kind === 'field' ? `the ${phrase(fieldNamed(value.field))}` : printValue(field, value)

/** Where the column's own meaning is no name for it. */
const PHRASES: Readonly<Record<string, string>> = {
  ip: 'address',
  port: 'port',
  mac: 'MAC',
  net: 'network',
  name: 'name',
  org: 'holder of the address',
  asset: 'asset',
  protocol: 'protocol',
  flags: 'set of TCP flags',
  bytes: 'number of bytes',
  packets: 'number of packets',
  sampling: 'sampling rate',
  exporter: 'exporter',
  direction: 'direction',
  'end.reason': 'reason of the end',
  nat: 'source of the translation',
  'rev.bytes': 'number of bytes of the answer',
  'rev.packets': 'number of packets of the answer',
  'src.name.how': 'origin of the source name',
  'dst.name.how': 'origin of the destination name',
  service: 'service',
  'service.side': 'side that serves',
  rule: 'rule',
  site: 'site',
  duration: 'duration',
  'ip.version': 'IP version',
  'exporter.version': 'version that the exporter sends',
  'exporter.domain': 'observation domain of the exporter',
}

/** `source port`: the meaning up to its first remark. */
function phrase(field: Field): string {
  return PHRASES[field.name] ?? field.meaning.split(/[;:(,]/)[0]!.trim()
}

/** What may not be meant: conditions that flows without a value do not meet. One sentence each. */
export function hintsOf(filter: Ast): string[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.terms.flatMap(hintsOf)
    case 'not':
      return hintsOf(filter.term)
    case 'compare':
    case 'in': {
      const isNegated = filter.kind === 'in' ? filter.not : filter.op.startsWith('!')
      if (!isNegated || !fieldNamed(filter.field).optional) return []
      const positive: Ast =
        filter.kind === 'in' ? { ...filter, not: false } : { ...filter, op: filter.op === '!=' ? '=' : '~' }
      return [`${print(filter)} passes over flows without ${filter.field}; not ${print(positive)} has them too`]
    }
    default:
      return []
  }
}
