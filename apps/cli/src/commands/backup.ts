// netbehave backup, restore: the data folder, to another folder and back.
import { type Command, Option } from 'commander'
import type { BackupOptions } from '../backup/backup.ts'
import type { Environment } from '../environment.ts'
import { dataOption } from './options.ts'

export function addBackup(program: Command, environment: Environment): void {
  program
    .command('backup')
    .description('copy everything that is kept to another folder, while NetBehave runs')
    .argument('<dir>', 'the backup: a new folder, or that of the backup before, to which only what is new is copied')
    .addOption(dataOption())
    .addOption(new Option('--json', 'print what was done as JSON'))
    .addHelpText(
      'after',
      `
History, devices, names, users, alerts, keys. Not in it: flows of the last seconds that are not archived yet, and what you wrote yourself
(netbehave.yaml, rules.yaml). Keys and passwords' hashes are in it: keep it where nobody else reads it.

Examples:
  netbehave backup /mnt/disk/netbehave
  netbehave backup /mnt/disk/netbehave --data /var/lib/netbehave`,
    )
    .action(async (to: string, options: BackupOptions) => {
      await (await import('../backup/backup.ts')).backup(to, options, environment)
    })
  program
    .command('restore')
    .description('make a data folder of a backup')
    .argument('<dir>', 'the backup')
    .addOption(dataOption())
    .addOption(new Option('--json', 'print what was done as JSON'))
    .addHelpText(
      'after',
      `
The data folder must be new or empty, and no NetBehave may run on it. The backup is checked first.

Examples:
  netbehave restore /mnt/disk/netbehave --data /var/lib/netbehave`,
    )
    .action(async (from: string, options: BackupOptions) => {
      await (await import('../backup/restore.ts')).restore(from, options, environment)
    })
}
