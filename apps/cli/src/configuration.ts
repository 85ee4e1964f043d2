// The configuration of everything that `up` runs: asks each app's main.ts, so that no rule is written twice.
import { printConfig } from '@netbehave/service'
import { parse, stringify } from 'yaml'
import type { Environment } from './environment.ts'
import { APPS_DIR, listApps } from './up/apps.ts'
import { askApps } from './up/check-apps.ts'
import { loadUpConfig, UpConfig } from './up/config.ts'
import { configFault, loadOrTellAll } from './up/findings.ts'

export async function checkConfig({ config }: { config?: string }, { env, stdout }: Environment): Promise<void> {
  const answers = await askAll('--check', config, env)
  stdout.write(`the configuration is good for up, ${answers.apps.map(({ program }) => program).join(', ')}\n`)
}

export async function showConfig({ config }: { config?: string }, { env, stdout }: Environment): Promise<void> {
  stdout.write(stringify(await effectiveConfiguration(config, env)))
}

/** Section by app, and `up`: what is in force with file, environment and defaults. Throws CommandError with all findings. */
export async function effectiveConfiguration(
  config: string | undefined,
  env: Environment['env'],
): Promise<Record<string, Record<string, unknown> | undefined>> {
  const { up, apps } = await askAll('--print-config', config, env)
  return Object.assign({}, parse(printConfig('up', UpConfig, up)), ...apps.map(({ output }) => parse(output)))
}

/** The configuration of `up`, and every app's answer. Throws CommandError with all findings. */
async function askAll(flag: '--check' | '--print-config', config: string | undefined, env: Environment['env']) {
  const apps = listApps(APPS_DIR)
  const load = () => loadUpConfig(config === undefined ? {} : { config }, env)
  const up = await loadOrTellAll(load, apps, argv(config), env)
  const answers = await askApps(apps, flag, argv(config), env)
  if (answers.some(({ findings }) => findings.length > 0)) throw configFault(answers)
  return { up, apps: answers }
}

const argv = (config: string | undefined): string[] => (config === undefined ? [] : ['--config', config])
