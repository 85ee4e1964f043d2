// netbehave exporters, netbehave templates: what the running collectors know of those who send.
import type { Command } from 'commander'
import type { ReportOptions } from '../ask-collectors.ts'
import type { Environment } from '../environment.ts'
import { dataOption, tableOption } from './options.ts'

export function addExporters(program: Command, environment: Environment): void {
  program
    .command('exporters')
    .description('who sends flows: versions, rates, loss, sampling, clocks, what is wrong')
    .addOption(tableOption())
    .addOption(dataOption())
    .option('--broker <url>', 'broker to ask, in place of that of the copy that runs on --data')
    .addHelpText('after', '\nExamples:\n  netbehave exporters\n  netbehave exporters -o json | jq .exporters')
    .action(async (options: ReportOptions) => (await import('../exporters.ts')).showExporters(options, environment))
}

export function addTemplates(program: Command, environment: Environment): void {
  program
    .command('templates')
    .description('the templates that exporters sent, and those that are waited for')
    .addOption(tableOption())
    .addOption(dataOption())
    .option('--broker <url>', 'broker to ask, in place of that of the copy that runs on --data')
    .addHelpText('after', '\nExamples:\n  netbehave templates\n  netbehave templates -o json | jq .awaiting')
    .action(async (options: ReportOptions) => (await import('../templates.ts')).showTemplates(options, environment))
}
