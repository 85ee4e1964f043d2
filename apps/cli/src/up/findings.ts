// What is wrong with the configuration of `up` and of every app, each finding once.
import { ConfigError } from '@netbehave/service'
import { CommandError, EXIT } from '../exit-codes.ts'
import type { App } from './apps.ts'
import { askApps } from './check-apps.ts'

export interface ProgramFindings {
  /** `up`, or the app. */
  readonly program: string
  readonly findings: readonly string[]
}

/** One line a finding, which names its key or flag; what several programs find (a key of the whole file) is said once. */
export function describeFindings(all: readonly ProgramFindings[]): string {
  const lines = new Set(all.flatMap(({ findings }) => findings))
  return `wrong configuration:\n${[...lines].map((finding) => `  ${finding}`).join('\n')}`
}

/** What `load` returns. Throws CommandError with the findings of `up` and of every app, when `up`'s own are wrong. */
export async function loadOrTellAll<C>(
  load: () => C,
  apps: readonly App[],
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<C> {
  try {
    return load()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const answers = await askApps(apps, '--check', argv, env)
    throw configFault([{ program: 'up', findings: error.findings }, ...answers])
  }
}

export const configFault = (all: readonly ProgramFindings[]): CommandError =>
  new CommandError(describeFindings(all), EXIT.config)
