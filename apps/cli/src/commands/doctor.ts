// netbehave doctor: what is wrong, and what to do.
import type { Command } from 'commander'
import type { DoctorOptions } from '../doctor/doctor.ts'
import type { Environment } from '../environment.ts'
import { dataOption, tableOption } from './options.ts'

export function addDoctor(program: Command, environment: Environment): void {
  program
    .command('doctor')
    .description('say what is wrong with NetBehave, its exporters and this machine, and what to do')
    .addOption(tableOption())
    .addOption(dataOption())
    .option('--broker <url>', 'broker to ask, in place of that of the copy that runs on --data')
    .addHelpText(
      'after',
      `
Says what the console's Health page says, and what only this machine can tell: ports, receive buffer, clock, disk, firewall. Counts are
those since each app started. Where nothing runs it says what a start would run into.
Exit code 0: nothing is wrong (there may be notes); 1: something is.

Examples:
  netbehave doctor
  netbehave doctor --data /var/lib/netbehave
  netbehave doctor -o json | jq -r '.findings[].sentence'`,
    )
    .action(async (options: DoctorOptions) => (await import('../doctor/doctor.ts')).showDoctor(options, environment))
}
