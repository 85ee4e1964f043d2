// Pi-hole's log: dnsmasq's, and lines of its own for what it blocks. In: a line. Out: what it says.
//   dnsmasq[123]: gravity blocked ads.example is 0.0.0.0
//   dnsmasq[123]: regex denied ads.example is NXDOMAIN        (blacklisted, before Pi-hole 6)
import { type AnswerWords, createDnsmasqParser } from './dnsmasq.ts'
import type { LineParser } from './line.ts'

const WORDS: AnswerWords = [
  ['gravity blocked ', 'blocked'],
  ['regex denied ', 'blocked'],
  ['exactly denied ', 'blocked'],
  ['regex blacklisted ', 'blocked'],
  ['exactly blacklisted ', 'blocked'],
  ['special domain ', 'blocked'],
  ['Rate-limiting ', 'blocked'],
  ['Pi-hole hostname ', 'hosts'],
]

export const createPiholeParser = (): LineParser => createDnsmasqParser(WORDS)
