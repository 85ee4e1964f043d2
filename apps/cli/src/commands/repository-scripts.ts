// netbehave bench, netbehave fuzz: the repository's own programs for measuring and for hostile input.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import type { Environment } from '../environment.ts'
import { CommandError, EXIT } from '../exit-codes.ts'

const ROOT = new URL('../../../../', import.meta.url)

interface Script {
  readonly name: string
  readonly description: string
  readonly help: string
}

const SCRIPTS: readonly Script[] = [
  {
    name: 'bench',
    description: 'measure this machine, and write docs/performance.md',
    help: '\nArguments go to the benchmark: netbehave bench -- --help lists them.\n\nExamples:\n  netbehave bench',
  },
  {
    name: 'fuzz',
    description: 'decode damaged datagrams until one does harm',
    help: '\nExamples:\n  netbehave fuzz --count 1000000 --seed 7',
  },
]

export function addRepositoryScripts(program: Command, environment: Environment): void {
  for (const { name, description, help } of SCRIPTS) {
    program
      .command(name)
      .description(description)
      .argument('[argument...]', 'handed on')
      .allowUnknownOption()
      .passThroughOptions()
      .addHelpText('after', help)
      .action((args: string[]) => runScript(name, args, environment))
  }
}

/** As `npm run NAME -- ARGS`, which decides what belongs to it. */
async function runScript(name: string, args: readonly string[], { env, stop }: Environment): Promise<void> {
  const child = spawn('npm', ['run', '--silent', name, '--', ...args], {
    cwd: fileURLToPath(ROOT),
    stdio: 'inherit',
    env: { ...env },
  })
  stop.addEventListener('abort', () => child.kill('SIGTERM'), { once: true })
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', (error) => {
      reject(new CommandError(`npm cannot be run: ${error.message}`, EXIT.unavailable, { cause: error }))
    })
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)))
  })
  if (exitCode !== EXIT.ok) throw new CommandError('', exitCode)
}
