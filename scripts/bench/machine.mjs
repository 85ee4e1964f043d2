// What was measured on: processor, memory, versions. No names of machines or people.
import { availableParallelism, cpus, release, totalmem, type } from 'node:os'
import { capture } from '../bootstrap/command.mjs'

/** @typedef {{ processor: string, cores: number, memoryGb: number, system: string, node: string, natsServer: string, nfdump: string }} Machine */

/** @returns {Promise<Machine>} */
export async function describeMachine() {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release().split('-')[0]}`,
    node: process.version,
    natsServer: await versionOf(process.env.NATS_SERVER_BIN ?? 'nats-server', ['--version']),
    nfdump: await versionOf('nfdump', ['-V']),
  }
}

/** @param {string} program @param {string[]} args */
async function versionOf(program, args) {
  const { code, output } = await capture(program, args)
  return code === 0 ? (/\d+\.\d+(\.\d+)?/.exec(output)?.[0] ?? 'unknown') : 'not installed'
}
