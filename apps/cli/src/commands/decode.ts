// netbehave decode FILE…: what is in datagrams that were saved, as their exporter sent it.
import { Argument, type Command } from 'commander'
import type { Environment } from '../environment.ts'
import { ipAddress } from './options.ts'

export function addDecode(program: Command, environment: Environment): void {
  program
    .command('decode')
    .description('decode saved NetFlow and IPFIX datagrams, without a running copy')
    .addArgument(
      new Argument('<file...>', 'captures (pcap, pcapng), or files of one datagram each, in the order of sending'),
    )
    .option('--exporter <ip>', 'who sent the datagrams of files that do not say it', ipAddress, '127.0.0.1')
    .addHelpText(
      'after',
      `
stdout: one flow a line as JSON, as it was exported (NAT is not undone).
stderr: one line of JSON, {datagrams, flows, optionsRecords, problems, awaiting}; on a terminal a sentence for each
problem before it.

Examples:
  netbehave decode capture.pcap
  netbehave decode template.dat data.dat --exporter 192.0.2.1 > flows.ndjson
  netbehave decode capture.pcap | jq -r .dstIp | sort | uniq -c | sort -rn | head`,
    )
    .action(async (files: string[], options: { exporter: string }) => {
      const { decodeFiles } = await import('../decode-files.ts')
      await decodeFiles(files, options, environment)
    })
}
