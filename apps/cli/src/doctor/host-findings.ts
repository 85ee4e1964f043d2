// What is wrong with this machine, whether NetBehave runs or not. In: facts. Out: findings in the form of libs/health.
import type { HealthFinding } from '@netbehave/schema/api'
import { type HostPort, parseHostPort } from '../listen-address.ts'
import { formatBytes, formatCount } from '../output/numbers.ts'
import type { HostFacts } from './read-host.ts'

/** What the collector asks for, of which the kernel grants no more than `net.core.rmem_max`. */
const WANTED_BUFFER_BYTES = 8 * 1024 * 1024
const LITTLE_FREE_BYTES = 1024 * 1024 * 1024
const ABOUT = 'this machine'

export function hostFindings({ rmemMaxBytes, isClockKept, freeBytes }: HostFacts): HealthFinding[] {
  const findings: HealthFinding[] = []
  const say = (id: string, level: HealthFinding['level'], sentence: string, remedy: string) =>
    findings.push({ id, level, about: ABOUT, sentence, remedy })
  if (rmemMaxBytes !== undefined && rmemMaxBytes < WANTED_BUFFER_BYTES)
    say(
      'receive-buffer',
      'note',
      `net.core.rmem_max is ${formatCount(rmemMaxBytes)}: the kernel gives less than the ${formatCount(WANTED_BUFFER_BYTES)} bytes of receive buffer that the collector asks for, and drops what a burst brings beyond it`,
      `sudo sysctl -w net.core.rmem_max=${WANTED_BUFFER_BYTES}   (for good: echo net.core.rmem_max=${WANTED_BUFFER_BYTES} | sudo tee /etc/sysctl.d/90-netbehave.conf), then start NetBehave again`,
    )
  if (isClockKept === false)
    say(
      'clock-not-kept',
      'warning',
      'no time service keeps the clock of this machine: flows are filed by it, and names are matched by it',
      'sudo timedatectl set-ntp true, or install chrony',
    )
  if (freeBytes !== undefined && freeBytes < LITTLE_FREE_BYTES)
    say(
      'disk-low',
      'warning',
      `the disk of the data folder has ${formatBytes(freeBytes)} free`,
      'make room, or start with --data on a larger disk; archiver.keepDays and archiver.maxBytes bound what is kept',
    )
  return findings
}

/** Nothing came, and a firewall may be why. */
export function firewallFindings({ firewall }: HostFacts, listening: readonly string[]): HealthFinding[] {
  const ports = [...new Set(parseAll(listening).map(({ port }) => port))]
  if (firewall === undefined || ports.length === 0) return []
  const allow = {
    ufw: `sudo ufw allow ${ports[0]}/udp`,
    firewalld: `sudo firewall-cmd --permanent --add-port=${ports[0]}/udp && sudo firewall-cmd --reload`,
  }
  return [
    {
      id: 'firewall',
      level: 'note',
      about: ABOUT,
      sentence: `the firewall ${firewall} is on, and may keep flows out`,
      remedy: allow[firewall],
    },
  ]
}

/** Of a running copy: are its ports open, and can a router reach them? `collector` and `http` as its run file has them. */
export function openPortFindings(facts: HostFacts, collector: readonly string[]): HealthFinding[] {
  const sockets = parseAll(collector)
  const closed = sockets.filter(({ port }) => facts.udpPorts && !facts.udpPorts.has(port))
  const findings: HealthFinding[] = closed.map(({ port }) => ({
    id: 'port-closed',
    level: 'bad',
    about: 'collector',
    sentence: `nobody listens on UDP port ${port} of this machine, though the collector should`,
    remedy: 'its log says why; "netbehave status" says whether it answers',
  }))
  if (sockets.length > 0 && sockets.every(({ host }) => isLoopback(host)))
    findings.push({
      id: 'loopback-only',
      level: 'warning',
      about: 'collector',
      sentence: `the collector listens on ${collector.join(', ')} only: no router reaches it`,
      remedy: `start with --listen 0.0.0.0:${sockets[0]!.port}`,
    })
  return findings
}

/** Where nothing runs: is another program where it would listen? */
export function takenPortFindings(
  facts: HostFacts,
  { udp, tcp }: { readonly udp: readonly string[]; readonly tcp: readonly string[] },
): HealthFinding[] {
  const taken = (kind: 'UDP' | 'TCP', option: string, addresses: readonly string[], ports?: ReadonlySet<number>) =>
    parseAll(addresses)
      .filter(({ port }) => port !== 0 && ports?.has(port))
      .map(
        ({ port }): HealthFinding => ({
          id: 'port-taken',
          level: 'bad',
          about: ABOUT,
          sentence: `another program has ${kind} port ${port}, which NetBehave would take`,
          remedy: `sudo ss -${kind === 'UDP' ? 'u' : 't'}lnp 'sport = :${port}' names it; end it, or start with ${option} on another port`,
        }),
      )
  return [...taken('UDP', '--listen', udp, facts.udpPorts), ...taken('TCP', '--nats or --http', tcp, facts.tcpPorts)]
}

const parseAll = (addresses: readonly string[]): HostPort[] =>
  addresses.map(parseHostPort).filter((address) => address !== undefined)

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\./.test(host)
