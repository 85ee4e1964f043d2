// The files of rules as they are on disk: read at the start and again when they change. In: names of files. Out: rules to use.
// Fails: at the start OperatorError for a named file that cannot be read; a file that is wrong later leaves the last good rules in force,
// with the mistake in the log, in `errors` and in the metrics.
import { readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  chooseRuleFiles,
  RULE_LIMITS,
  type Rule,
  type RuleFile,
  readRuleFiles,
  showRuleFinding,
} from '@netbehave/filter/rules'
import { OperatorError } from '@netbehave/service'

/** Mistakes of one reading that the log and the report have room for. */
const SHOWN_ERRORS = 20

/** The rules for who has none. */
export const SHIPPED_RULES = fileURLToPath(new URL('../rules.yaml', import.meta.url))

export interface RuleFilesOptions {
  /** Files in their order; empty: see chooseRuleFiles. */
  readonly named: readonly string[]
  readonly intervalMs: number
  readonly log: { info(fields: object, message: string): void; error(fields: object, message: string): void }
  /** Takes the rules of every reading that is good, and of the first one. */
  readonly onRules: (rules: readonly Rule[]) => void
}

export interface RuleFiles extends Disposable {
  /** The files in force, with the number of their rules. */
  readonly files: readonly { file: string; rules: number }[]
  /** What is wrong with the files as they are now; empty: their rules are in force. */
  readonly errors: readonly string[]
  readonly counters: { readonly loads: number; readonly refused: number }
}

/** Reads the files and looks at them every `intervalMs` until disposed. */
export function watchRuleFiles({ named, intervalMs, log, onRules }: RuleFilesOptions): RuleFiles {
  const counters = { loads: 0, refused: 0 }
  let files: { file: string; rules: number }[] = []
  let errors: string[] = []
  /** The files as they were when last looked at, and when last read. */
  let seen = signature()
  let read = seen
  load(true)
  const timer = setInterval(look, intervalMs)
  timer.unref()

  function choose(): readonly string[] {
    return chooseRuleFiles(named, (file) => statSync(file, { throwIfNoEntry: false }) !== undefined, SHIPPED_RULES)
  }

  function signature(): string {
    return choose()
      .map((file) => {
        const stat = statOf(file)
        return stat ? `${file} ${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs}` : `${file} -`
      })
      .join('\n')
  }

  /** A file that is just being written changes again: it is read once it has stayed the same for one interval. */
  function look(): void {
    const now = signature()
    if (now === seen && now !== read) {
      read = now
      load(false)
    }
    seen = now
  }

  function load(isFirst: boolean): void {
    const { texts, unreadable } = readAll(choose())
    if (isFirst && unreadable.length > 0) throw new OperatorError(unreadable.join('\n'), { exitCode: 78 })
    const { rules, findings } = readRuleFiles(texts)
    const wrong = findings.filter(({ kind }) => kind === 'error').map(showRuleFinding)
    errors = [...unreadable, ...wrong].slice(0, SHOWN_ERRORS)
    if (errors.length > 0) {
      counters.refused++
      const kept = isFirst ? 'the rules without a mistake are used' : 'the rules from before stay in force'
      log.error({ step: 'match' }, `the rules have mistakes, ${kept}:\n${errors.join('\n')}`)
      if (!isFirst) return
    }
    counters.loads++
    files = texts.map(({ file }) => ({ file, rules: rules.filter((rule) => rule.file === file).length }))
    onRules(rules)
    log.info({ step: 'match', files, rules: rules.length }, 'rules are in force')
  }

  return {
    get files() {
      return files
    },
    get errors() {
      return errors
    },
    counters,
    [Symbol.dispose]() {
      clearInterval(timer)
    },
  }
}

const statOf = (file: string) => {
  try {
    return statSync(file)
  } catch {
    return undefined // not there, or not for us: reading it says which
  }
}

function readAll(files: readonly string[]): { texts: RuleFile[]; unreadable: string[] } {
  const texts: RuleFile[] = []
  const unreadable: string[] = []
  for (const file of files) {
    try {
      // A letter has at most 3 bytes for each UTF-16 unit; what is longer is not even read.
      if (statSync(file).size > RULE_LIMITS.fileLength * 3)
        throw new Error(`it is longer than ${RULE_LIMITS.fileLength}`)
      texts.push({ file, text: readFileSync(file, 'utf8') })
    } catch (error) {
      unreadable.push(`cannot read rules from ${file}: ${(error as Error).message}`)
    }
  }
  return { texts, unreadable }
}
