// netbehave tokens: API tokens for scripts and Prometheus.
import { TOKEN_SCOPES } from '@netbehave/schema/api'
import { type Command, Option } from 'commander'
import type { Environment } from '../environment.ts'
import type { AddTokenOptions, TokenOptions } from '../users.ts'
import { dataOption, tableOption, wholeNumber } from './options.ts'

export function addTokens(program: Command, environment: Environment): void {
  const tokens = program.command('tokens').description('API tokens for scripts and Prometheus')
  tokens.addHelpText(
    'after',
    `
A token is sent as "Authorization: Bearer TOKEN". It is printed once, and may never do more than its user.

Examples:
  netbehave tokens add prometheus --scope metrics
  netbehave tokens add backup --user ann --days 365
  netbehave tokens ls`,
  )
  tokens
    .command('add')
    .description('make a token and print it')
    .argument('<name>', 'what it is for')
    .addOption(
      new Option('--scope <scope>', 'metrics: /metrics only; read, operate, admin: as a viewer, operator, admin')
        .choices(TOKEN_SCOPES)
        .default('read'),
    )
    .option('--user <name>', 'whose it is', 'admin')
    .option('--days <n>', 'how long it is good for (default: no end)', wholeNumber(1, 3650))
    .addOption(dataOption())
    .action(async (name: string, options: AddTokenOptions) =>
      (await import('../users.ts')).addToken(name, options, environment),
    )
  tokens
    .command('ls')
    .description('list them')
    .addOption(tableOption())
    .addOption(dataOption())
    .action(async (options: TokenOptions) => (await import('../users.ts')).listTokens(options, environment))
  tokens
    .command('rm')
    .description('remove a token')
    .argument('<id>', 'as `netbehave tokens ls` shows it')
    .addOption(dataOption())
    .action(async (id: string, options: TokenOptions) =>
      (await import('../users.ts')).removeToken(id, options, environment),
    )
}
