// What a rule is, what there is to say about a file of rules, and what such a file may be at most.
import type { AlertChannel, Severity } from '@netbehave/schema'
import type { Ast } from '../ast.ts'

/** A named filter; the first one that matches names the flow. */
export interface Rule {
  readonly name: string
  readonly filter: Ast
  /** How people are told of a match; empty: not at all. */
  readonly alert: readonly AlertChannel[]
  readonly severity: Severity
  readonly note: string | undefined
  /** Where it is written: name of the file, line from 1. */
  readonly file: string
  readonly line: number
}

/**
 * `error`: the rule, or the file, cannot be used. `differs`: a row of acl.csv says something else than in the original.
 * `never`: no flow can be named by the rule. `hint`: it may not say what was meant.
 */
export type RuleFindingKind = 'error' | 'differs' | 'never' | 'hint'

export interface RuleFinding {
  readonly kind: RuleFindingKind
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1; 0: the whole line. */
  readonly column: number
  /** Name of the rule, where it has one. */
  readonly rule: string | undefined
  readonly message: string
  /** The text that it is about; with carets where a filter is wrong. */
  readonly shown?: string
}

/** Of the original's file, and where nothing else is said. */
export const DEFAULT_SEVERITY: Severity = 'warning'

export const RULE_LIMITS = {
  /** UTF-16 units of one file. */
  fileLength: 256 * 1024,
  /** Mistakes of YAML that are told of one file; the first is the one that counts. */
  yamlErrors: 10,
  /** Rules of all files. */
  rules: 1000,
  /** Conditions, words and values of all rules. */
  terms: 10_000,
  /** UTF-8 bytes of a name: what a dictionary of a batch holds. */
  nameBytes: 255,
  /** UTF-16 units of a note; it travels with every event. */
  noteLength: 1000,
} as const

/** Conditions, words, and values of `in` lists. */
export function countTerms(ast: Ast): number {
  switch (ast.kind) {
    case 'and':
    case 'or':
      return ast.terms.reduce((sum, term) => sum + countTerms(term), 0)
    case 'not':
      return countTerms(ast.term)
    case 'in':
      return ast.values.length
    default:
      return 1
  }
}

/** The line that a finding is on a terminal or in a log, then what it is about. */
export function showRuleFinding({ kind, file, line, column, rule, message, shown }: RuleFinding): string {
  const where = `${file}:${line}${column > 0 ? `:${column}` : ''}`
  const what = kind === 'error' ? '' : `${kind}: `
  const about = rule === undefined ? '' : `rule "${rule}": `
  const excerpt = shown === undefined ? '' : `\n${shown.replaceAll(/^/gm, '    ')}`
  return `${where}: ${what}${about}${message}${excerpt}`
}
