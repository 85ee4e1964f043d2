// The configuration of everything that `up` runs: asks each app's main.ts, so that no rule is written twice.
import { printConfig } from '@netbehave/service'
import { parse, stringify } from 'yaml'
import type { Environment } from './environment.ts'
import { CommandError, EXIT } from './exit-codes.ts'
import { APPS_DIR, listApps } from './up/apps.ts'
import { askApps } from './up/check-apps.ts'
import { loadUpConfig, UpConfig } from './up/config.ts'

export async function checkConfig({ config }: { config?: string }, { env, stdout }: Environment): Promise<void> {
  const findings: string[] = []
  try {
    loadUpConfig(config === undefined ? {} : { config }, env)
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    findings.push(error.message)
  }
  const answers = await askApps(listApps(APPS_DIR), '--check', argv(config), env)
  findings.push(...answers.flatMap((answer) => answer.findings ?? []))
  if (findings.length > 0) throw new CommandError(findings.join('\n'), EXIT.config)
  stdout.write(`the configuration is good for up, ${answers.map(({ app }) => app).join(', ')}\n`)
}

export async function showConfig({ config }: { config?: string }, { env, stdout }: Environment): Promise<void> {
  const up = loadUpConfig(config === undefined ? {} : { config }, env)
  const answers = await askApps(listApps(APPS_DIR), '--print-config', argv(config), env)
  const findings = answers.flatMap((answer) => answer.findings ?? [])
  if (findings.length > 0) throw new CommandError(findings.join('\n'), EXIT.config)
  const whole: Record<string, unknown> = parse(printConfig('up', UpConfig, up))
  for (const { output } of answers) Object.assign(whole, parse(output))
  stdout.write(stringify(whole))
}

const argv = (config: string | undefined): string[] => (config === undefined ? [] : ['--config', config])
