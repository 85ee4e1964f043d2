// netbehave rules explain: which rule names one flow and why, which earlier ones nearly did, which later ones would. In: a flow as JSON.

import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { type Ast, compile, print } from '@netbehave/filter'
import type { Rule } from '@netbehave/filter/rules'
import { type Flow, type FlowBatch, flowsToBatches } from '@netbehave/schema'
import type { Environment } from '../environment.ts'
import { CommandError, describeSystemError, EXIT } from '../exit-codes.ts'
import { createNameFlows } from './name-flows.ts'
import { readFlow } from './read-flows.ts'
import { printableLines, readGoodRules } from './read-rules.ts'

export interface ExplainOptions {
  rules?: string[]
  output: 'text' | 'json'
}

interface Term {
  readonly term: string
  readonly holds: boolean
}

interface ExplainedRule {
  /** From 1. */
  readonly number: number
  readonly rule: string
  readonly file: string
  readonly line: number
  readonly terms: readonly Term[]
}

/** Rules that nearly matched, the nearest first; and later ones that would. */
const SHOWN_RULES = 5

export async function explainRules(argument: string, options: ExplainOptions, environment: Environment): Promise<void> {
  const { rules } = await readGoodRules(options.rules ?? [], environment)
  const flow = await readOneFlow(argument, environment.stdin)
  const [position = -1] = createNameFlows(rules)([flow])
  const { rule: _, ...bare } = flow
  const [batch] = [...flowsToBatches([bare])]
  const explained = rules.map((rule, i) => explainRule(rule, i + 1, batch!))
  const earlier = position < 0 ? explained : explained.slice(0, position)
  const later = position < 0 ? [] : explained.slice(position + 1).filter(matches)
  const answer = {
    names: explained[position] ?? null,
    nearly: earlier
      .filter(isNear)
      .sort((a, b) => failing(a) - failing(b))
      .slice(0, SHOWN_RULES),
    later: later.slice(0, SHOWN_RULES),
  }
  environment.stdout.write(
    options.output === 'json' ? `${JSON.stringify(answer)}\n` : `${printableLines(toText(answer))}\n`,
  )
}

/** The argument is the flow itself, a file, or `-`. */
async function readOneFlow(argument: string, stdin: Readable): Promise<Flow> {
  const isJson = argument.trimStart().startsWith('{')
  let json: string
  try {
    json = isJson ? argument : argument === '-' ? await text(stdin) : readFileSync(argument, 'utf8')
  } catch (error) {
    throw new CommandError(`${argument} cannot be read: ${describeSystemError(error)}`, EXIT.noInput, { cause: error })
  }
  const flow = readFlow(json)
  if (typeof flow !== 'string') return flow
  throw new CommandError(
    `${isJson ? 'the argument' : argument === '-' ? 'stdin' : argument} is no flow: ${flow}`,
    EXIT.data,
  )
}

/** The terms of the filter, and which of them hold; of several ways to match, those of the nearest. */
function explainRule({ name, filter, file, line }: Rule, number: number, batch: FlowBatch): ExplainedRule {
  const ways = (filter.kind === 'or' ? filter.terms : [filter]).map((way) => termsOf(way, batch))
  const terms = ways.reduce((best, way) => (countFailing(way) < countFailing(best) ? way : best))
  return { number, rule: name, file, line, terms }
}

function termsOf(ast: Ast, batch: FlowBatch): Term[] {
  return (ast.kind === 'and' ? ast.terms : [ast]).map((term) => {
    return { term: print(term) || 'every flow', holds: compile(term).bind(batch)(0) }
  })
}

const countFailing = (terms: readonly Term[]): number => terms.filter(({ holds }) => !holds).length
const failing = ({ terms }: ExplainedRule): number => countFailing(terms)
const matches = (rule: ExplainedRule): boolean => failing(rule) === 0
/** Something holds and something does not. */
const isNear = (rule: ExplainedRule): boolean => failing(rule) > 0 && failing(rule) < rule.terms.length

interface Answer {
  names: ExplainedRule | null
  nearly: ExplainedRule[]
  later: ExplainedRule[]
}

function toText({ names, nearly, later }: Answer): string {
  const lines = [names ? `${title(names)} names this flow:` : 'no rule names this flow']
  for (const { term } of names?.terms ?? []) lines.push(`    yes  ${term}`)
  if (nearly.length > 0) lines.push('', names ? 'earlier rules that nearly match:' : 'rules that nearly match:')
  for (const rule of nearly) {
    lines.push(`  ${title(rule)}`)
    for (const { term, holds } of rule.terms) lines.push(`    ${holds ? 'yes' : 'NO '}  ${term}`)
  }
  if (later.length > 0) lines.push('', 'later rules that match, too:', ...later.map((rule) => `  ${title(rule)}`))
  return lines.join('\n')
}

const title = ({ number, rule, file, line }: ExplainedRule): string =>
  `rule ${number}, ${rule} (${basename(file)}:${line})`
