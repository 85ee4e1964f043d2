// netbehave replay FILE…: sends saved datagrams to a collector.
import { Argument, type Command, Option } from 'commander'
import { chooseDataDir, requireRunningCopy } from '../data-dir.ts'
import type { Environment } from '../environment.ts'
import { CommandError, EXIT } from '../exit-codes.ts'
import { formatHostPort, type HostPort, parseHostPort } from '../listen-address.ts'
import { countOf, formatCount } from '../output/numbers.ts'
import type { ReplayResult } from '../replay.ts'
import { dataOption, hostPort, ipAddress, positiveNumber } from './options.ts'

interface Options {
  data?: string
  to?: HostPort
  rate?: number
  speed?: number
  exporter?: string
  json?: boolean
}

export function addReplay(program: Command, environment: Environment): void {
  program
    .command('replay')
    .description('send saved NetFlow and IPFIX datagrams to a collector')
    .addArgument(new Argument('<file...>', 'captures (pcap, pcapng), or files of one datagram each'))
    .option('--to <host:port>', 'the collector (default: that of the copy that runs on --data)', hostPort)
    .addOption(
      new Option('--rate <n>', 'datagrams a second (default 5000)').argParser(positiveNumber).conflicts('speed'),
    )
    .option('--speed <n>', 'times as fast as in the capture; 1: as it was', positiveNumber)
    .option(
      '--exporter <ip>',
      'send from this address of this machine; the collector takes it for the exporter',
      ipAddress,
    )
    .addOption(dataOption())
    .option('--json', 'print what was sent as JSON')
    .addHelpText(
      'after',
      `
Examples:
  netbehave replay capture.pcap --to 127.0.0.1:2055
  netbehave replay capture.pcap --to 127.0.0.1:2055 --speed 10
  netbehave replay template.dat data.dat --to 127.0.0.1:2055 --exporter 127.0.0.2`,
    )
    .action(async (files: string[], options: Options) => {
      const to = options.to ?? (await findCollector(options, environment))
      const [{ replay }, { createProgress }] = await Promise.all([
        import('../replay.ts'),
        import('../output/progress.ts'),
      ])
      let result: ReplayResult
      {
        using progress = createProgress(environment.stderr, environment.now)
        result = await replay({
          ...{ files, to, stop: environment.stop, rate: options.rate, speed: options.speed },
          sendFrom: options.exporter,
          onSent: ({ datagrams }) => progress.show(() => `${countOf(datagrams, 'datagram')} sent`),
        })
      }
      environment.stdout.write(options.json ? `${JSON.stringify(result)}\n` : describe(result, to))
      if (result.refused > 0) {
        throw new CommandError(
          `nobody listens on ${formatHostPort(to)}: ${formatCount(result.refused)} of ${countOf(result.datagrams, 'datagram')} came back`,
          EXIT.unavailable,
        )
      }
    })
}

async function findCollector({ data }: Options, environment: Environment): Promise<HostPort> {
  const dataDir = await chooseDataDir(data, environment)
  const address = parseHostPort(requireRunningCopy(dataDir).collector?.[0] ?? '')
  if (!address) throw new CommandError(`the collector of ${dataDir} is not ready yet`, EXIT.unavailable)
  // A collector that listens on every address is reached on this machine.
  if (address.host === '0.0.0.0') return { ...address, host: '127.0.0.1' }
  return address.host === '::' ? { ...address, host: '::1' } : address
}

function describe({ datagrams, bytes, exporters, seconds, skippedFrames }: ReplayResult, to: HostPort): string {
  const skipped = Object.entries(skippedFrames).map(([reason, count]) => `${formatCount(count)} ${reason}`)
  const sent = `sent ${countOf(datagrams, 'datagram')} (${countOf(bytes, 'byte')}) of ${countOf(exporters, 'exporter')}`
  const rest = skipped.length > 0 ? `; frames left out: ${skipped.join(', ')}` : ''
  return `${sent} to ${formatHostPort(to)} in ${seconds.toFixed(1)} s${rest}\n`
}
