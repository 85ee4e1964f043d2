// The rules that a command is about: files that are named, else those that an enricher started here would read. Fails: CommandError.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chooseRuleFiles, type ReadRules, RULE_LIMITS, type RuleFile, readRuleFiles } from '@netbehave/filter/rules'
import { CONFIG_FILE } from '../data-dir.ts'
import type { Environment } from '../environment.ts'
import { CommandError, describeSystemError, EXIT } from '../exit-codes.ts'
import { printable } from '../output/printable.ts'
import { APPS_DIR, listApps } from '../up/apps.ts'

export interface ReadRuleFiles extends ReadRules {
  readonly files: readonly { file: string; rules: number }[]
}

const SHIPPED_RULES = fileURLToPath(new URL('enricher/rules.yaml', APPS_DIR))

/** What the files hold, mistakes included. */
export async function readRules(named: readonly string[], environment: Environment): Promise<ReadRuleFiles> {
  const chosen =
    named.length > 0 ? named : chooseRuleFiles(await configuredFiles(environment), existsSync, SHIPPED_RULES)
  const read = readRuleFiles(chosen.map(readRuleFile))
  const files = chosen.map((file) => ({ file, rules: read.rules.filter((rule) => rule.file === file).length }))
  return { ...read, files }
}

/** Rules to work with: a mistake in a file ends the command, as it would be left out by the enricher. */
export async function readGoodRules(named: readonly string[], environment: Environment): Promise<ReadRuleFiles> {
  const read = await readRules(named, environment)
  const errors = read.findings.filter(({ kind }) => kind === 'error').length
  if (errors === 0) return read
  const files = read.files.map(({ file }) => file).join(' ')
  const counted = errors === 1 ? 'a mistake' : `${errors} mistakes`
  throw new CommandError(`the rules have ${counted}; netbehave rules check ${files} shows where`, EXIT.data)
}

export function readRuleFile(file: string): RuleFile {
  try {
    // A letter has at most 3 bytes for each UTF-16 unit; what is longer is no file of rules.
    if (statSync(file).size > RULE_LIMITS.fileLength * 3) {
      throw new CommandError(`${file} is longer than a file of rules may be: ${RULE_LIMITS.fileLength}`, EXIT.data)
    }
    return { file, text: readFileSync(file, 'utf8') }
  } catch (error) {
    if (error instanceof CommandError) throw error
    throw new CommandError(`${file} cannot be read: ${describeSystemError(error)}`, EXIT.noInput, { cause: error })
  }
}

/** `enricher.rules`; asking the enricher costs more than most commands, so only where it may have been told something. */
async function configuredFiles({ env }: Environment): Promise<readonly string[]> {
  if (!env.ENRICHER_RULES && !env.NETBEHAVE_CONFIG && !existsSync(CONFIG_FILE)) return []
  const [{ askApps }, { configFault }, { parse }] = await Promise.all([
    import('../up/check-apps.ts'),
    import('../up/findings.ts'),
    import('yaml'),
  ])
  const enricher = listApps(APPS_DIR).filter(({ name }) => name === 'enricher')
  const [answer] = await askApps(enricher, '--print-config', [], env)
  if (answer!.findings.length > 0) throw configFault([answer!])
  return (parse(answer!.output) as { enricher: { rules: string[] } }).enricher.rules
}

/** Text with line ends as it may go to a terminal. */
export const printableLines = (text: string): string => text.split('\n').map(printable).join('\n')
