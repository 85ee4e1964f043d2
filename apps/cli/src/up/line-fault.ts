// Why a site's nats-server has no line to the hub, out of its log. In: the last lines. Out: words for the operator, '' when it says nothing.

/** What nats-server writes, and what that means here. */
const FAULTS: readonly (readonly [RegExp, string])[] = [
  [
    /Authorization Violation/,
    "it does not know this site's key: let it write the file again, with netbehave broker add-site",
  ],
  [/certificate has expired/, 'its certificate has expired, or the clock here is wrong'],
  [
    /certificate is valid for|doesn't contain any/,
    'its certificate is for another name: let it write the file again, with the name by which it is reached here',
  ],
  [
    /unknown authority|certificate/,
    "its certificate is of another CA than that in the site's file: let it write the file again",
  ],
  [/connection refused/, 'nobody listens there'],
  [/no such host|server misbehaving/, 'its name is not known here'],
  [/i\/o timeout|no route|unreachable/, 'it does not answer'],
  [/Stale Connection/, 'the line went dead'],
]

/** Lines of nats-server's log, oldest first. */
export function explainLineFault(lines: readonly string[]): string {
  const isLink = (line: string) => /\[ERR\]/.test(line) && /leafnode|lid:/i.test(line)
  const last = lines.findLast(isLink)
  if (last === undefined) return ''
  return FAULTS.find(([pattern]) => pattern.test(last))?.[1] ?? last.replace(/^.*\[ERR\] /, '').trim()
}
