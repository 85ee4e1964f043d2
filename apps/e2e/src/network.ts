// A network of its own for a test, of Linux network namespaces (ip-netns(8)): a hub and sites, each a machine with its own addresses, on one
// bridge that stands for the lines between. In: names. Out: prefixes that run a program there; lines that can be cut. Fails: Error with ip's words.
import { execFileSync } from 'node:child_process'

export interface Network extends Disposable {
  /** Address of a machine. */
  address(name: string): string
  /** Begin of a command line that runs a program on a machine. */
  within(name: string): readonly string[]
  /** Cuts the line of a site at the far end: nothing is refused, nothing arrives. */
  cut(name: string): void
  mend(name: string): void
}

/** Why there can be none here; false when there can. */
export function noNamespaces(): string | false {
  const name = `nbtry${process.pid}`
  try {
    ip('netns', 'add', name)
    ip('netns', 'del', name)
    return false
  } catch (error) {
    return `network namespaces are not permitted here: ${(error as Error).message.trim()}`
  }
}

/** `hub` and `sites` are machines; this process has a line to the hub too. */
export function createNetwork(hub: string, sites: readonly string[]): Network {
  // Several copies of a test may run side by side.
  const tag = process.pid % 65_536
  const subnet = `10.${64 + ((tag >> 8) % 64)}.${tag & 255}`
  const machines = [hub, ...sites]
  const spaceOf = (name: string) => `nb${tag}-${name}`
  const portOf = (index: number) => `nb${tag}p${index}`
  const address = (name: string) => `${subnet}.${machines.indexOf(name) + 1}`
  const inHub = (...args: string[]) => ip('-n', spaceOf(hub), ...args)
  const dispose = () => {
    for (const name of machines) tryIp('netns', 'del', spaceOf(name))
    tryIp('link', 'del', portOf(0))
  }

  try {
    for (const name of machines) {
      ip('netns', 'add', spaceOf(name))
      ip('-n', spaceOf(name), 'link', 'set', 'lo', 'up')
    }
    inHub('link', 'add', 'lan', 'type', 'bridge')
    inHub('address', 'add', `${address(hub)}/24`, 'dev', 'lan')
    inHub('link', 'set', 'lan', 'up')
    for (const [i, name] of [undefined, ...sites].entries()) {
      const near = name === undefined ? [portOf(0)] : ['wan', 'netns', spaceOf(name)]
      inHub('link', 'add', portOf(i + 1), 'type', 'veth', 'peer', 'name', ...(name ? near : [portOf(0), 'netns', '1']))
      inHub('link', 'set', portOf(i + 1), 'master', 'lan', 'up')
      const at = name === undefined ? [] : ['-n', spaceOf(name)]
      const device = near[0]!
      ip(...at, 'address', 'add', `${name === undefined ? `${subnet}.254` : address(name)}/24`, 'dev', device)
      ip(...at, 'link', 'set', device, 'up')
    }
  } catch (error) {
    dispose()
    throw error
  }
  const setLine = (name: string, state: 'up' | 'down') => inHub('link', 'set', portOf(sites.indexOf(name) + 2), state)
  return {
    address,
    within: (name) => ['ip', 'netns', 'exec', spaceOf(name)],
    cut: (name) => setLine(name, 'down'),
    mend: (name) => setLine(name, 'up'),
    [Symbol.dispose]: dispose,
  }
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] })
}

function tryIp(...args: string[]): void {
  try {
    ip(...args)
  } catch {
    // It is gone already, or never was.
  }
}
