// dnsmasq's log, with log-queries or log-queries=extra, as 2.90 writes it; and the DHCP lines. In: a line. Out: what it says.
//   dnsmasq[123]: query[A] www.example from 10.0.0.7
//   dnsmasq[123]: reply www.example is 192.0.2.1
//   dnsmasq[123]: 57 10.0.0.7/4711 cached www.example is <CNAME>        (extra: number, client and port first)
//   dnsmasq[123]: /etc/hosts printer.lan is 192.168.7.9
//   dnsmasq-dhcp[123]: DHCPACK(eth0) 10.0.0.7 aa:bb:cc:dd:ee:ff laptop
import type { DnsResult } from '@netbehave/schema'
import type { AnsweredBy, DnsLine, LineParser, LineProblem } from './line.ts'
import { isAddressLike, isNowhere, nameProblem, readAddress, readName } from './names.ts'

/** Words with which a line of an answer begins, each followed by a blank. */
export type AnswerWords = readonly (readonly [words: string, by: AnsweredBy])[]

const WORDS: AnswerWords = [
  ['reply ', 'reply'],
  ['cached ', 'cached'],
  ['cached-stale ', 'cached'],
  ['config ', 'hosts'],
  ['DHCP ', 'dhcp'],
]

export function createDnsmasqParser(moreWords: AnswerWords = []): LineParser {
  const words = [...WORDS, ...moreWords]
  return {
    parse(line, at) {
      const body = bodyOf(line, at)
      if (body < 0) return undefined
      const tag = line.lastIndexOf('dnsmasq', body)
      if (tag >= 0 && line.charCodeAt(tag + 7) === 45)
        return line.startsWith('dhcp', tag + 8) ? parseLease(line.slice(body)) : undefined
      return parseBody(line, body, words)
    },
  }
}

/** Where the message begins; -1: not a line of dnsmasq. */
function bodyOf(line: string, at: number): number {
  const colon = line.indexOf(': ', at)
  if (colon >= 0) {
    const tag = line.lastIndexOf('dnsmasq', colon)
    if (tag >= at) return colon + 2
  }
  // RFC 5424: the name stands before `at`.
  return at > 0 && line.charCodeAt(0) === 60 && line.lastIndexOf('dnsmasq', at) > 0 ? at : -1
}

function parseBody(line: string, body: number, words: AnswerWords): DnsLine | LineProblem | undefined {
  let at = body
  let key = ''
  let client = ''
  const first = line.charCodeAt(at)
  if (first >= 48 && first <= 57) {
    // `57 10.0.0.7/4711 `
    const number = line.indexOf(' ', at)
    const end = line.indexOf(' ', number + 1)
    const slash = line.lastIndexOf('/', end)
    if (number < 0 || end < 0 || slash <= number) return undefined
    client = readAddress(line.slice(number + 1, slash))
    if (client === '') return 'client-address'
    key = line.slice(at, end)
    at = end + 1
  }
  const letter = line.charCodeAt(at)
  if (letter === 102 && line.startsWith('forwarded ', at)) return undefined
  if (letter === 113 || letter === 97) {
    // `query[A] `, `auth[A] `
    const open = letter === 113 ? 5 : 4
    if (line.startsWith(letter === 113 ? 'query[' : 'auth[', at)) return parseQuery(line, at + open + 1, key)
  }
  if (letter === 47) return parseHosts(line, at, key, client)
  for (const [word, by] of words) {
    if (line.startsWith(word, at)) {
      const from = at + word.length
      const is = line.indexOf(' is ', from)
      return is < 0 ? undefined : parseAnswer(line, from, is, key, client, by)
    }
  }
  return undefined
}

/** `A] www.example from 10.0.0.7` */
function parseQuery(line: string, at: number, key: string): DnsLine | LineProblem | undefined {
  const close = line.indexOf('] ', at)
  const from = line.lastIndexOf(' from ')
  if (close < 0 || from < close || close - at > 16) return undefined
  const name = readName(line, close + 2, from)
  if (name === undefined) return nameProblem(close + 2, from)
  if (name === '') return undefined
  const client = readAddress(line.slice(from + 6))
  if (client === '') return 'client-address'
  return { kind: 'query', key, client, name, type: line.slice(at, close) }
}

/** `/etc/hosts printer.lan is 192.168.7.9`: the path may have blanks. */
function parseHosts(line: string, at: number, key: string, client: string): DnsLine | LineProblem | undefined {
  const is = line.lastIndexOf(' is ')
  const from = line.lastIndexOf(' ', is - 1) + 1
  return is < 0 || from <= at ? undefined : parseAnswer(line, from, is, key, client, 'hosts')
}

const NO_ADDRESS: Readonly<Record<string, readonly [value: 'cname' | DnsResult, type: string]>> = {
  '<CNAME>': ['cname', ''],
  NXDOMAIN: ['nxdomain', ''],
  'NODATA-IPv4': ['nodata', 'A'],
  'NODATA-IPv6': ['nodata', 'AAAA'],
  NODATA: ['nodata', ''],
  SERVFAIL: ['failed', ''],
  REFUSED: ['refused', ''],
  BLOCKED: ['blocked', ''],
}

function parseAnswer(
  line: string,
  from: number,
  is: number,
  key: string,
  client: string,
  by: AnsweredBy,
): DnsLine | LineProblem | undefined {
  const name = readName(line, from, is)
  if (name === undefined) return nameProblem(from, is)
  const valueAt = is + 4
  const code = line.charCodeAt(valueAt)
  // Addresses begin with a digit, a letter up to f, or a colon.
  if ((code >= 48 && code <= 58) || (code >= 97 && code <= 102)) {
    const address = readAddress(line.slice(valueAt))
    if (address !== '' && !isAddressLike(name)) {
      const type = address.includes(':') ? 'AAAA' : 'A'
      const isBlocked = isNowhere(address)
      const value = isBlocked ? 'blocked' : 'address'
      return answer(key, client, isBlocked ? 'blocked' : by, name, value, isBlocked ? '' : address, type)
    }
  }
  const text = line.slice(valueAt)
  if (text === 'duplicate' && name === 'query') return undefined
  const known = NO_ADDRESS[text]
  if (known) return answer(key, client, by, name, by === 'blocked' ? 'blocked' : known[0], '', known[1])
  if (text.startsWith('SERVFAIL') || text.startsWith('REFUSED'))
    return answer(key, client, by, name, text.startsWith('S') ? 'failed' : 'refused', '', '')
  const type = /^<([A-Z0-9]{1,16})>$/.exec(text)?.[1] ?? ''
  return answer(key, client, by, name, by === 'blocked' ? 'blocked' : 'answered', '', type)
}

const answer = (
  key: string,
  client: string,
  by: AnsweredBy,
  name: string,
  value: 'cname' | DnsResult,
  address: string,
  type: string,
): DnsLine => ({ kind: 'answer', key, client, by, name, value, address, type, isWhole: false })

const ACK = /^(?:\d+ )?DHCPACK\([^)]*\) (\S+) ((?:[0-9a-f]{2}:){5}[0-9a-f]{2})(?: (\S+))?\s*$/i
const REPLY_6 = /^(?:\d+ )?DHCPREPLY\([^)]*\) (\S+) [0-9a-f:]+(?: (\S+))?\s*$/i

function parseLease(text: string): DnsLine | LineProblem | undefined {
  const four = ACK.exec(text)
  const six = four ? null : REPLY_6.exec(text)
  if (!four && !six) return undefined
  const address = readAddress((four ?? six)![1]!)
  if (address === '') return 'client-address'
  const host = four ? (four[3] ?? '') : (six![2] ?? '')
  const hostname = readName(host, 0, host.length)
  if (hostname === undefined) return nameProblem(0, host.length)
  return { kind: 'lease', address, mac: four ? four[2]!.toLowerCase() : '', hostname }
}
