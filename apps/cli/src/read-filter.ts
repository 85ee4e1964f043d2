// The filter of a command: FILTER words and the options that are short for a condition, all of which must hold.
// Fails: CommandError that shows the place.
import { type Ast, FilterError, hintsOf, parse, showFilterError } from '@netbehave/filter'
import type { Environment } from './environment.ts'
import { CommandError, EXIT } from './exit-codes.ts'

/** Values of options, as typed. */
export interface FilterOptions {
  src?: string
  dst?: string
  ip?: string
  port?: string
  protocol?: string
}

const FIELD_OF: Readonly<Record<keyof FilterOptions, string>> = {
  src: 'src.ip',
  dst: 'dst.ip',
  ip: 'ip',
  port: 'port',
  protocol: 'protocol',
}

/** One filter of everything that was given; the words are joined as the shell parted them. On a terminal, with hints. */
export function readFilter(words: readonly string[], options: FilterOptions, { stderr }: Environment): Ast {
  const terms = [readFilterText(words.join(' ')), ...readOptions(options)].flatMap((term) =>
    term.kind === 'and' ? term.terms : term.kind === 'all' ? [] : [term],
  )
  const filter: Ast = terms.length > 1 ? { kind: 'and', terms } : (terms[0] ?? { kind: 'all' })
  if (stderr.isTTY) for (const hint of hintsOf(filter)) stderr.write(`hint: ${hint}\n`)
  return filter
}

export function readFilterText(text: string): Ast {
  try {
    return parse(text)
  } catch (error) {
    if (!(error instanceof FilterError)) throw error
    const [line, marks, ...message] = showFilterError(text, error).split('\n')
    const lines = [`  ${line}`, `  ${marks}`, ...message]
    throw new CommandError(`the filter is not understood\n${lines.join('\n')}`, EXIT.usage, { cause: error })
  }
}

function readOptions(options: FilterOptions): Ast[] {
  return (Object.keys(FIELD_OF) as (keyof FilterOptions)[]).flatMap((name) => {
    const value = options[name]
    if (value === undefined) return []
    try {
      // In quotes, so that a value stays one value.
      return [parse(`${FIELD_OF[name]} = "${value.replaceAll(/[\\"]/g, '\\$&')}"`)]
    } catch (error) {
      if (!(error instanceof FilterError)) throw error
      throw new CommandError(`--${name}: ${error.message}`, EXIT.usage, { cause: error })
    }
  })
}
