// One command of `netbehave` from start to end, as somebody types it.
import { startChild } from '@netbehave/bench'
import { NETBEHAVE } from './programs.ts'

export interface CommandResult {
  /** Exit code, or the signal's name. */
  readonly code: number | string
  readonly stdout: string
  readonly stderr: string
}

export async function runNetbehave(
  args: readonly string[],
  { cwd, env = {}, within = [] }: { cwd: string; env?: Readonly<Record<string, string>>; within?: readonly string[] },
): Promise<CommandResult> {
  const [program, ...programArgs] = [...within, process.execPath, NETBEHAVE, ...args]
  const command = startChild(program!, programArgs, { cwd, env: { ...process.env, NO_COLOR: '1', ...env } })
  const code = await command.ended
  return { code, stdout: command.stdout, stderr: command.stderr }
}
