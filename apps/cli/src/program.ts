// The command line: every command, how faults become a sentence and an exit code.
import { Command, CommanderError } from 'commander'
import packageJson from '../package.json' with { type: 'json' }
import { addAlerts } from './commands/alerts.ts'
import { addAssets } from './commands/assets.ts'
import { addBackup } from './commands/backup.ts'
import { addBroker } from './commands/broker.ts'
import { addConfig } from './commands/config.ts'
import { addDays } from './commands/days.ts'
import { addDecode } from './commands/decode.ts'
import { addDemo } from './commands/demo.ts'
import { addDns } from './commands/dns.ts'
import { addDoctor } from './commands/doctor.ts'
import { addExporters, addTemplates } from './commands/exporters.ts'
import { addFilterCommands } from './commands/filter.ts'
import { addReplay } from './commands/replay.ts'
import { addRepositoryScripts } from './commands/repository-scripts.ts'
import { addRules } from './commands/rules.ts'
import { addSearch } from './commands/search.ts'
import { addSetup } from './commands/setup.ts'
import { addStatus } from './commands/status.ts'
import { addTail } from './commands/tail.ts'
import { addTokens } from './commands/tokens.ts'
import { addTop } from './commands/top.ts'
import { addUp } from './commands/up.ts'
import { addUsers } from './commands/users.ts'
import { addWhois } from './commands/whois.ts'
import type { Environment } from './environment.ts'
import { EXIT } from './exit-codes.ts'

const { version: VERSION } = packageJson
const COMMANDS = [
  addUp,
  addStatus,
  addDemo,
  addDoctor,
  addSetup,
  addTail,
  addSearch,
  addTop,
  addDays,
  addFilterCommands,
  addRules,
  addExporters,
  addTemplates,
  addAssets,
  addAlerts,
  addDns,
  addWhois,
  addReplay,
  addDecode,
  addUsers,
  addTokens,
  addBackup,
  addBroker,
  addConfig,
  addRepositoryScripts,
]

/** Runs one command; resolves with the exit code, never rejects. */
export async function runProgram(argv: readonly string[], environment: Environment): Promise<number> {
  const program = new Command('netbehave')
  program
    .description('Who talks to whom on your network, by name, live and for any past day')
    .enablePositionalOptions()
    .exitOverride()
    .version(VERSION)
    .configureOutput({
      writeOut: (text) => environment.stdout.write(text),
      writeErr: (text) => environment.stderr.write(text),
    })
    .showSuggestionAfterError()
    .showHelpAfterError('(netbehave --help, or netbehave COMMAND --help, says more)')
  for (const add of COMMANDS) add(program, environment)
  for (const command of program.commands) command.copyInheritedSettings(program)
  try {
    await program.parseAsync(argv, { from: 'user' })
    return EXIT.ok
  } catch (error) {
    return report(error, environment)
  }
}

/** A fault of the command line was written by commander already; others get their sentence here. */
function report(error: unknown, { stderr }: Environment): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  const { message = String(error), stack, exitCode } = error as Error & { exitCode?: number }
  if (message === '' && exitCode !== undefined) return exitCode // told already
  // An error that carries an exit code was written for the operator; any other is a fault of ours and shows where.
  stderr.write(`netbehave: ${exitCode === undefined ? (stack ?? message) : message}\n`)
  return exitCode ?? EXIT.failed
}
