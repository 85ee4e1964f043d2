// netbehave dns: what clients asked the DNS server for and were told, by the names service; old logs into it.
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { AnswersOptions, ListOptions, WhatOptions } from '../dns.ts'
import type { ImportOptions } from '../dns-import.ts'
import type { Environment } from '../environment.ts'
import { parseTime, TimeError } from '../time.ts'
import { TIME_HELP } from './flow-options.ts'
import { dataOption, ipAddress, wholeNumber } from './options.ts'

export const DNS_FORMS = ['line', 'json', 'csv'] as const

export function addDns(program: Command, environment: Environment): void {
  const dns = program.command('dns').description('names: what clients asked for, and what they were told')
  const readTime = (text: string): number => {
    try {
      return parseTime(text, environment.now())
    } catch (error) {
      if (error instanceof TimeError) throw new InvalidArgumentError(`${error.message}.`)
      throw error
    }
  }
  const outputOption = () =>
    new Option('-o, --output <form>', 'line: aligned lines; json: an object a line; csv')
      .choices(DNS_FORMS)
      .default('line')
  const withCopy = (command: Command) =>
    command
      .addOption(dataOption())
      .option('--broker <url>', 'broker to ask, in place of that of the copy that runs on --data')
  const site = () => new Option('--site <name>', 'only this site')
  dns.addHelpText(
    'after',
    `
Asks the names service of a running NetBehave; docs/dns.md says how to point it at the log of a DNS server.

Examples:
  netbehave dns ls --client 192.168.1.10
  netbehave dns who www.example.com
  netbehave dns what 192.0.2.1 --client 192.168.1.10 --at 04:10
  netbehave dns import /var/log/dnsmasq.log.1 /var/log/dnsmasq.log.2.gz`,
  )

  withCopy(
    dns
      .command('ls')
      .description('list names that were asked for, the newest first, also those without an answer')
      .argument('[part]', 'only names that hold this text')
      .option('--client <ip>', 'only of this client', ipAddress)
      .addOption(
        new Option('--result <what>', 'only with this result').choices([
          ...['waiting', 'address', 'answered', 'nodata', 'nxdomain', 'refused', 'failed', 'blocked'],
        ]),
      )
      .option('--from <time>', 'asked at or after this time', readTime)
      .option('--to <time>', 'asked first before this time', readTime)
      .option('--limit <n>', 'names at most', wholeNumber(1), 100)
      .addOption(site())
      .addOption(outputOption()),
  )
    .addHelpText('after', TIME_HELP)
    .action(async (part: string | undefined, options: ListOptions) =>
      (await import('../dns.ts')).listNames(part, options, environment),
    )

  withCopy(
    dns
      .command('who')
      .description('say which clients asked for a name, and which addresses they were told')
      .argument('<name>')
      .option('--client <ip>', 'only this client', ipAddress)
      .addOption(site())
      .addOption(outputOption()),
  ).action(async (name: string, options: AnswersOptions) =>
    (await import('../dns.ts')).showWho(name, options, environment),
  )

  withCopy(
    dns
      .command('what')
      .description('say by which name an address was known; exit code 1 when by none')
      .argument('<ip>', 'address', ipAddress)
      .option('--client <ip>', 'to this client first', ipAddress)
      .option('--at <time>', 'as it was known then (default now)', readTime)
      .addOption(site())
      .addOption(outputOption()),
  )
    .addHelpText('after', TIME_HELP)
    .action(async (address: string, options: WhatOptions) =>
      (await import('../dns.ts')).showWhat(address, options, environment),
    )

  withCopy(
    dns
      .command('import')
      .description('read old logs of a DNS server, also .gz; the same log again changes nothing')
      .argument('<file...>')
      .addOption(
        new Option('--source <kind>', 'kind of the logs')
          .choices(['auto', 'dnsmasq', 'pihole', 'unbound'])
          .default('auto'),
      )
      .option(
        '--year <year>',
        'of lines that tell none (default: the newest before the file was last written)',
        wholeNumber(1971, 9999),
      )
      .option('--site <name>', 'site of the clients (default: that of the configuration)')
      .option('--json', 'print what was read as JSON, an object a file'),
  )
    .addHelpText(
      'after',
      `
Do not import what dns-ingest reads itself: names stay right, but how often they were asked for is counted twice.

Examples:
  netbehave dns import /var/log/dnsmasq.log.*
  netbehave dns import old/dnsmasq.log.gz --year 2024 --site cabin`,
    )
    .action(async (files: string[], options: ImportOptions) =>
      (await import('../dns-import.ts')).importLogs(files, options, environment),
    )
}
