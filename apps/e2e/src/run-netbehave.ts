// One command of `netbehave` from start to end, as somebody types it.
import { startNode } from '@netbehave/bench'
import { NETBEHAVE } from './programs.ts'

export interface CommandResult {
  /** Exit code, or the signal's name. */
  readonly code: number | string
  readonly stdout: string
  readonly stderr: string
}

export async function runNetbehave(
  args: readonly string[],
  { cwd, env = {} }: { cwd: string; env?: Readonly<Record<string, string>> },
): Promise<CommandResult> {
  const command = startNode(NETBEHAVE, args, { cwd, env: { ...process.env, NO_COLOR: '1', ...env } })
  const code = await command.ended
  return { code, stdout: command.stdout, stderr: command.stderr }
}
