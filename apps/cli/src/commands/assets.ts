// netbehave assets: what is on the networks: list, show, name, take away, bring, forget.
import { ASSET_FIELDS, type AssetField } from '@netbehave/schema'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { AssetsOptions, ListOptions, SetOptions, ShowOptions } from '../assets.ts'
import type { ExportOptions } from '../assets-transfer.ts'
import type { Environment } from '../environment.ts'
import { dataOption, ipAddress } from './options.ts'

const outputOption = (forms: readonly string[], first: string): Option =>
  new Option('-o, --output <form>', forms.join(', ')).choices(forms).default(first)

const words = (value: string): string[] =>
  value
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')

function fields(value: string): AssetField[] {
  const named = words(value)
  const unknown = named.find((name) => !(ASSET_FIELDS as readonly string[]).includes(name))
  if (unknown !== undefined) throw new InvalidArgumentError(`Write some of ${ASSET_FIELDS.join(', ')}.`)
  return named as AssetField[]
}

export function addAssets(program: Command, environment: Environment): void {
  const assets = program
    .command('assets')
    .description('what is on your networks: list, show, name, export, import, forget')
  assets.addHelpText(
    'after',
    `
An asset is an address on a local network that was seen in flows. docs/assets.md tells more.

Examples:
  netbehave assets ls
  netbehave assets show 192.168.1.23
  netbehave assets set 192.168.1.23 --name printer --tags office,lan
  netbehave assets export > assets.csv`,
  )
  const command = (name: string, description: string): Command =>
    assets
      .command(name)
      .description(description)
      .option('--site <site>', 'only of this site; where one asset is meant and several sites have it')
      .addOption(dataOption())
      .option('--broker <url>', 'broker to ask, in place of that of the copy that runs on --data')

  command('ls', 'list them')
    .argument('[text]', 'part of an address, name, MAC, vendor, owner, note or tag')
    .addOption(outputOption(['line', 'json', 'csv'], 'line'))
    .option('--tag <tag>', 'only with this tag')
    .addOption(new Option('--active', 'only those seen lately').conflicts('inactive'))
    .option('--inactive', 'only the others')
    .addHelpText('after', '\nExamples:\n  netbehave assets ls raspberry\n  netbehave assets ls --inactive -o csv')
    .action(async (text: string | undefined, options: ListOptions) =>
      (await import('../assets.ts')).listAssets(text, options, environment),
    )

  command('show', 'tell all that is known of one')
    .argument('<ip>', 'its address', ipAddress)
    .addOption(outputOption(['line', 'json'], 'line'))
    .addHelpText('after', '\nExample:\n  netbehave assets show 192.168.1.23 -o json')
    .action(async (ip: string, options: ShowOptions) =>
      (await import('../assets.ts')).showAsset(ip, options, environment),
    )

  command('set', 'say what it is; what is set so is not changed by what is seen')
    .argument('<ip>', 'its address', ipAddress)
    .option('--name <text>', 'what to call it; an empty text takes it away, here and below')
    .option('--owner <text>', 'whose it is')
    .option('--type <text>', 'what kind of device')
    .option('--note <text>', 'anything else')
    .option('--tags <list>', 'words, separated by commas, in place of those it has', words)
    .option('--hostname <text>', 'host name, in place of the one that was heard')
    .option('--unlock <fields>', 'let these change again by what is seen, separated by commas', fields)
    .addOption(outputOption(['line', 'json'], 'line'))
    .addHelpText(
      'after',
      `
Examples:
  netbehave assets set 192.168.1.23 --name printer --owner office
  netbehave assets set 192.168.1.23 --tags ''
  netbehave assets set 192.168.1.23 --unlock hostname`,
    )
    .action(async (ip: string, options: SetOptions) =>
      (await import('../assets.ts')).setAsset(ip, options, environment),
    )

  command('export', 'print all of them, as import takes them')
    .addOption(outputOption(['csv', 'json'], 'csv'))
    .addHelpText('after', '\nExample:\n  netbehave assets export > assets.csv')
    .action(async (options: ExportOptions) =>
      (await import('../assets-transfer.ts')).exportAssets(options, environment),
    )

  command('import', 'take assets from a CSV file; exit code 65 when a line is wrong, and then nothing is changed')
    .argument('<file>', 'first row: names of columns, of which ip is needed; - is stdin')
    .addHelpText(
      'after',
      '\nExamples:\n  netbehave assets import assets.csv\n  netbehave assets import list.csv --site home',
    )
    .action(async (file: string, options: AssetsOptions) =>
      (await import('../assets-transfer.ts')).importAssets(file, options, environment),
    )

  command('forget', 'forget them; seen again, they are new')
    .argument('<ip...>', 'addresses', (value: string, before: string[] = []) => [...before, ipAddress(value)])
    .addHelpText('after', '\nExample:\n  netbehave assets forget 192.168.1.23')
    .action(async (ips: string[], options: AssetsOptions) =>
      (await import('../assets.ts')).forgetAssets(ips, options, environment),
    )
}
