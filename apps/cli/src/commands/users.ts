// netbehave users: who may sign in at the console, and as what.
import { USER_ROLES } from '@netbehave/schema/api'
import { type Command, Option } from 'commander'
import type { Environment } from '../environment.ts'
import type { AddUserOptions, UserOptions } from '../users.ts'
import { dataOption, tableOption } from './options.ts'

export function addUsers(program: Command, environment: Environment): void {
  const users = program.command('users').description('who may sign in at the console')
  users.addHelpText(
    'after',
    `
viewer looks, operator changes assets, mutes alerts and checks days, admin manages users and removes days.
A password is made up and printed, unless --password-stdin gives one. Works beside a running copy or without one.

Examples:
  netbehave users add ann --role operator
  netbehave users passwd admin
  netbehave users ls`,
  )
  const stdinOption = () =>
    new Option('--password-stdin', 'take the password from the first line of standard input, not a random one')

  users
    .command('add')
    .description('add a user; for one that is there already, change the role')
    .argument('<name>')
    .addOption(new Option('--role <role>', 'what the user may').choices(USER_ROLES).default('viewer'))
    .addOption(stdinOption())
    .addOption(dataOption())
    .action(async (name: string, options: AddUserOptions) =>
      (await import('../users.ts')).addUser(name, options, environment),
    )
  users
    .command('passwd')
    .description('give a user another password; every session of the user ends')
    .argument('<name>')
    .addOption(stdinOption())
    .addOption(dataOption())
    .action(async (name: string, options: UserOptions) =>
      (await import('../users.ts')).changePassword(name, options, environment),
    )
  users
    .command('ls')
    .description('list them')
    .addOption(tableOption())
    .addOption(dataOption())
    .action(async (options: UserOptions) => (await import('../users.ts')).listUsers(options, environment))
  users
    .command('rm')
    .description('remove a user with sessions and tokens; the last admin stays')
    .argument('<name>')
    .addOption(dataOption())
    .action(async (name: string, options: UserOptions) =>
      (await import('../users.ts')).removeUser(name, options, environment),
    )
}
