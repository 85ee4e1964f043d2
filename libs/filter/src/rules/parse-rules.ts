// rules.yaml → rules. A list of `name` and `match`, optionally `alert`, `severity`, `note`. A rule that is wrong is left out and
// is a finding with its place. Fails: never. Nothing but plain lists, maps and texts is taken: no alias, no tag.
import { ALERT_CHANNELS, type AlertChannel, cutText, SEVERITIES } from '@netbehave/schema'
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from 'yaml'
import type { Ast } from '../ast.ts'
import { FilterError, showFilterError } from '../filter-error.ts'
import { nearest } from '../nearest.ts'
import { type ParseOptions, tryParse } from '../parse.ts'
import { DEFAULT_SEVERITY, RULE_LIMITS, type Rule, type RuleFinding } from './rule.ts'

export interface ReadRules {
  /** In the order of the file. */
  readonly rules: Rule[]
  readonly findings: RuleFinding[]
}

const KEYS = ['name', 'match', 'alert', 'severity', 'note'] as const
/** What YAML has marks of its own for. */
const QUOTES = 'put the filter in quotes when it has ": " or " #" or begins with * ! " \' [ { & % @ `'
type Key = (typeof KEYS)[number]
/** The values of one rule as they stand in the file. */
type Entries = Partial<Record<Key, { key: Scalar; value: unknown }>>

/** The rules of a file that has this text; `file` is its name in rules and findings. */
export function parseRules(text: string, file = 'rules.yaml', options: ParseOptions = {}): ReadRules {
  return new RulesReader(text, file, options).read()
}

class RulesReader {
  readonly #text: string
  readonly #file: string
  readonly #options: ParseOptions
  readonly #lines = new LineCounter()
  readonly #rules: Rule[] = []
  readonly #findings: RuleFinding[] = []

  constructor(text: string, file: string, options: ParseOptions) {
    this.#text = text
    this.#file = file
    this.#options = options
  }

  read(): ReadRules {
    const document = this.#parse()
    if (!document) return { rules: [], findings: this.#findings }
    for (const { pos, message } of document.errors.slice(0, RULE_LIMITS.yamlErrors)) {
      this.#error(pos[0], undefined, this.#explainYaml(message, pos[0]))
    }
    const { contents } = document
    if (isSeq(contents)) for (const item of contents.items) this.#readRule(item)
    else if (contents !== null && document.errors.length === 0 && !(isScalar(contents) && contents.value === null)) {
      this.#error(
        contents.range?.[0] ?? 0,
        undefined,
        'a list of rules is expected; write "- name: …" and below it "  match: …"',
      )
    }
    return { rules: this.#rules, findings: this.#findings }
  }

  #parse(): Document.Parsed | undefined {
    if (this.#text.length > RULE_LIMITS.fileLength) {
      this.#error(0, undefined, `a file of rules has at most ${RULE_LIMITS.fileLength} characters`)
      return undefined
    }
    try {
      return parseDocument(this.#text, { lineCounter: this.#lines, prettyErrors: false, logLevel: 'silent' })
    } catch (error) {
      // The parser recurses; text that nests without end runs it out of stack.
      this.#error(0, undefined, `this is no YAML that can be read: ${(error as Error).message}`)
      return undefined
    }
  }

  /** YAML's own marks are the usual reason. */
  #explainYaml(message: string, offset: number): string {
    const start = this.#text.lastIndexOf('\n', offset - 1) + 1
    const isMatch = /^[\s-]*match:/.test(this.#text.slice(start, start + 200))
    return `not YAML: ${message.split('\n')[0]}${isMatch ? `; ${QUOTES}` : ''}`
  }

  #readRule(item: unknown): void {
    if (!isMap(item)) {
      const range = (item as { range?: readonly number[] } | null)?.range
      this.#error(range?.[0] ?? 0, undefined, 'a rule is expected; write "- name: …" and below it "  match: …"')
      return
    }
    const offset = item.range?.[0] ?? 0
    const before = this.#findings.length
    const entries = this.#readEntries(item)
    const name = this.#readText(entries, 'name', undefined)?.trim()
    if (!entries.name) this.#error(offset, undefined, 'a rule needs a name')
    else if (name === '') this.#error(offsetOf(entries.name.key), undefined, 'a rule needs a name')
    else if (name !== undefined && cutText(name) !== name) {
      this.#error(offsetOf(entries.name.key), name, `a name has at most ${RULE_LIMITS.nameBytes} bytes`)
    }
    const filter = this.#readMatch(entries, name, offset)
    const alert = this.#readAlert(entries, name)
    const severity = this.#readOneOf(entries, 'severity', SEVERITIES, name) ?? DEFAULT_SEVERITY
    const note = this.#readText(entries, 'note', name)
    if (note !== undefined && note.length > RULE_LIMITS.noteLength) {
      this.#error(offsetOf(entries.note!.key), name, `a note has at most ${RULE_LIMITS.noteLength} characters`)
    }
    if (this.#findings.length > before || name === undefined || !filter) return
    this.#rules.push({ name, filter, alert, severity, note, file: this.#file, line: this.#lines.linePos(offset).line })
  }

  #readEntries(item: YAMLMap): Entries {
    const entries: Entries = {}
    for (const { key, value } of item.items as Pair<unknown, unknown>[]) {
      const name = isScalar(key) ? String(key.value) : ''
      const at = (key as Scalar | null)?.range?.[0] ?? item.range?.[0] ?? 0
      if ((KEYS as readonly string[]).includes(name)) entries[name as Key] = { key: key as Scalar, value }
      else {
        const close = nearest(name, KEYS)
        const rule = isScalar(item.get('name', true)) ? String(item.get('name')) : undefined
        this.#error(
          at,
          rule,
          `unknown key "${name}"; ${close ? `did you mean ${close}?` : `known are ${KEYS.join(', ')}`}`,
        )
      }
    }
    return entries
  }

  #readMatch(entries: Entries, rule: string | undefined, offset: number): Ast | undefined {
    const text = this.#readText(entries, 'match', rule)
    if (!entries.match) this.#error(offset, rule, 'a rule needs a filter: match: …')
    if (text === undefined) return undefined
    const ast = tryParse(text, this.#options)
    if (!(ast instanceof FilterError)) return ast
    const at = sourceOffset(this.#text, entries.match!.value as Scalar, text, ast.from)
    const [line, carets] = showFilterError(text, ast).split('\n')
    this.#error(at, rule, ast.message, `${line}\n${carets}`)
    return undefined
  }

  #readAlert(entries: Entries, rule: string | undefined): AlertChannel[] {
    const value = entries.alert?.value
    if (value === undefined) return []
    const items: unknown[] = isSeq(value) ? value.items : [value]
    const channels = items.map((item) => this.#readName(item, 'alert', ALERT_CHANNELS, rule, entries.alert!.key))
    return [...new Set(channels.filter((channel) => channel !== undefined))]
  }

  #readOneOf<T extends string>(
    entries: Entries,
    key: Key,
    known: readonly T[],
    rule: string | undefined,
  ): T | undefined {
    const entry = entries[key]
    return entry && this.#readName(entry.value, key, known, rule, entry.key)
  }

  #readName<T extends string>(
    value: unknown,
    key: Key,
    known: readonly T[],
    rule: string | undefined,
    keyNode: Scalar,
  ): T | undefined {
    const name = isScalar(value) && typeof value.value === 'string' ? value.value : undefined
    if (known.includes(name as T)) return name as T
    const close = name === undefined ? undefined : nearest(name, known)
    const hint = close ? `did you mean ${close}?` : `write ${known.join(', ')}`
    const at = (value as { range?: readonly number[] } | null)?.range?.[0] ?? offsetOf(keyNode)
    this.#error(at, rule, `${key} cannot be ${name === undefined ? 'this' : `"${name}"`}; ${hint}`)
    return undefined
  }

  /** A text, or a number as it is written. */
  #readText(entries: Entries, key: Key, rule: string | undefined): string | undefined {
    const entry = entries[key]
    if (!entry) return undefined
    const { value } = entry
    if (isScalar(value) && value.value !== null && value.tag === undefined) {
      return typeof value.value === 'string' ? value.value : (value.source ?? String(value.value))
    }
    const at = (value as { range?: readonly number[] } | null)?.range?.[0] ?? offsetOf(entry.key)
    const hint = isAlias(value) ? QUOTES : 'for every flow write match: ""'
    this.#error(at, rule, `${key} is not a text${key === 'match' ? `; ${hint}` : ''}`)
    return undefined
  }

  #error(offset: number, rule: string | undefined, message: string, shown?: string): void {
    const { line, col } = this.#lines.lineStarts.length > 0 ? this.#lines.linePos(offset) : { line: 1, col: 1 }
    const place = { file: this.#file, line: Math.max(line, 1), column: Math.max(col, 1) }
    this.#findings.push({ kind: 'error', ...place, rule, message, ...(shown !== undefined && { shown }) })
  }
}

const offsetOf = (node: Scalar): number => node.range?.[0] ?? 0

/** Where in the file the letter `at` of a text stands; its beginning where folding or escapes make that untellable. */
function sourceOffset(source: string, scalar: Scalar, value: string, at: number): number {
  const begin = offsetOf(scalar)
  for (const quote of [0, 1]) if (source.startsWith(value, begin + quote)) return begin + quote + at
  if (scalar.type !== 'BLOCK_LITERAL') return begin
  const before = value.slice(0, at).split('\n')
  let lineStart = begin
  for (let i = 0; i < before.length; i++) lineStart = source.indexOf('\n', lineStart) + 1
  const line = value.split('\n')[before.length - 1]!
  const indent = source.indexOf(line, lineStart) - lineStart
  return lineStart + Math.max(indent, 0) + before.at(-1)!.length
}
