// The log that the demo's router writes: lines as dnsmasq has them with log-queries=extra, by syslog with times to the millisecond.
import type { Lookup } from './conversation.ts'

const TAG = 'router dnsmasq[77]:'
const LEASE_TAG = 'router dnsmasq-dhcp[77]:'

/** Lines of questions with their answers, each with its end. `number` is that of the first question. */
export function writeLookups(lookups: readonly Lookup[], number: number): string {
  return lookups
    .map(({ atMs, client, clientPort, name, addresses, isLocal }, i) => {
      const head = `${new Date(atMs).toISOString()} ${TAG} ${number + i} ${client}/${clientPort}`
      const answer = isLocal ? '/etc/hosts' : addresses.length === 0 ? 'config' : 'reply'
      const lines = (addresses.length === 0 ? ['0.0.0.0'] : addresses).map(
        (address) => `${head} ${answer} ${name} is ${address}\n`,
      )
      return `${head} query[A] ${name} from ${client}\n${lines.join('')}`
    })
    .join('')
}

/** A device got its address. `mac` is twelve hex digits. */
export function writeLease(atMs: number, ip: string, mac: string, hostname: string): string {
  const text = mac.replaceAll(/(..)(?!$)/g, '$1:')
  return `${new Date(atMs).toISOString()} ${LEASE_TAG} DHCPACK(br-lan) ${ip} ${text} ${hostname}\n`
}
