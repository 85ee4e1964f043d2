// netbehave status: does a copy run on this data folder, where is it reached, do its apps answer.
import type { Command } from 'commander'
import type { Environment } from '../environment.ts'
import { dataOption, tableOption } from './options.ts'

export function addStatus(program: Command, environment: Environment): void {
  program
    .command('status')
    .description('say whether everything runs; exit code 69 when it does not')
    .addOption(tableOption())
    .addOption(dataOption())
    .addHelpText('after', '\nExamples:\n  netbehave status\n  netbehave status --data /var/lib/netbehave -o json')
    .action(async (options: { data?: string; output: 'table' | 'json' }) => {
      const { showStatus } = await import('../status.ts')
      await showStatus(options, environment)
    })
}
