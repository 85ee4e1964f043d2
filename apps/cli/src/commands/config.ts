// netbehave config: is the configuration good, and what is in force.
import type { Command } from 'commander'
import type { Environment } from '../environment.ts'

export function addConfig(program: Command, environment: Environment): void {
  const config = program.command('config').description('the configuration: defaults, netbehave.yaml, environment')
  config.addHelpText(
    'after',
    `
Examples:
  netbehave config check
  netbehave config show --config /etc/netbehave.yaml`,
  )
  config
    .command('check')
    .description('say what is wrong with it; exit code 78 when something is')
    .option('--config <file>', 'configuration (default ./netbehave.yaml when it is there)')
    .action(async (options: { config?: string }) => {
      const { checkConfig } = await import('../configuration.ts')
      await checkConfig(options, environment)
    })
  config
    .command('show')
    .description('print what is in force, as a netbehave.yaml; secrets are masked')
    .option('--config <file>', 'configuration (default ./netbehave.yaml when it is there)')
    .action(async (options: { config?: string }) => {
      const { showConfig } = await import('../configuration.ts')
      await showConfig(options, environment)
    })
}
