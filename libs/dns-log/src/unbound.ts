// unbound's log with log-queries and log-replies, tagged (log-tag-queryreply) or not, as 1.17 writes it. It tells no addresses of answers.
//   unbound[123:0] query: 10.0.0.7 www.example. A IN
//   unbound[123:0] reply: 10.0.0.7 www.example. A IN NOERROR 0.000000 1 42
//   unbound[123]: [123:0] info: 10.0.0.7 www.example. A IN                 (syslog, without tags)
import type { DnsResult } from '@netbehave/schema'
import type { DnsLine, LineParser, LineProblem } from './line.ts'
import { nameProblem, readAddress, readName } from './names.ts'

/** `query: ` and the like are looked for in so many places of a line. */
const COLONS = 4
const RESULTS: Readonly<Record<string, DnsResult>> = {
  NOERROR: 'answered',
  NXDOMAIN: 'nxdomain',
  REFUSED: 'refused',
  NODATA: 'nodata',
}

export function createUnboundParser(): LineParser {
  return { parse: parseUnbound }
}

function parseUnbound(line: string, at: number): DnsLine | LineProblem | undefined {
  let colon = at - 1
  for (let i = 0; i < COLONS; i++) {
    colon = line.indexOf(': ', colon + 1)
    if (colon < 0) return undefined
    const isQuery = endsWith(line, ' query', colon)
    const isReply = !isQuery && endsWith(line, ' reply', colon)
    if (isQuery || isReply || endsWith(line, ' info', colon)) return parseMessage(line, colon + 2)
  }
  return undefined
}

/** Does `line` up to `end` end in this word? */
const endsWith = (line: string, word: string, end: number): boolean => line.startsWith(word, end - word.length)

/** `10.0.0.7 www.example. A IN[ NOERROR 0.000000 1 42]` */
function parseMessage(line: string, at: number): DnsLine | LineProblem | undefined {
  const blank = line.indexOf(' ', at)
  const client = blank < 0 ? '' : readAddress(line.slice(at, blank))
  // Other messages of level info begin with a word.
  if (client === '') return undefined
  const inClass = line.indexOf(' IN', blank)
  if (inClass < 0 || (inClass + 3 < line.length && line.charCodeAt(inClass + 3) !== 32)) return undefined
  const typeAt = line.lastIndexOf(' ', inClass - 1)
  if (typeAt <= blank || inClass - typeAt > 17) return undefined
  const name = readName(line, blank + 1, typeAt)
  if (name === undefined) return nameProblem(blank + 1, typeAt)
  if (name === '') return undefined
  const type = line.slice(typeAt + 1, inClass)
  const code = /^ ([A-Z]+\d*) /.exec(line.slice(inClass + 3))?.[1]
  if (code === undefined) return { kind: 'query', key: '', client, name, type }
  const value = RESULTS[code] ?? 'failed'
  return { kind: 'answer', key: '', client, by: 'reply', name, value, address: '', type, isWhole: true }
}
