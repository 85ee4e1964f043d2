// Asks a running broker what a role may, without doing it. In: a connection as that role, the matrix. Out: a row for each answer.
//
// Nothing is disturbed, also where a permission is wider than it should be:
// - every message has a header by which our apps leave it out, unread (`isProbe`), and our services answer without acting;
// - to streams it says that it is meant for another one (`Nats-Expected-Stream`), so none stores it;
// - its body is neither JSON nor an acknowledgement, so JetStream's API, acknowledgements and strangers' services refuse it;
// - subscriptions are ended at once, and queue groups are joined on subjects that nobody asks.
// What the server refuses is known by its errors, which come in order: after a flush all of them are here.
import {
  headers,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  NoRespondersError,
  PermissionViolationError,
} from '@nats-io/transport-node'
import { type AccessAction, type MatrixRow, UNLIMITED } from './matrix.ts'

export interface AccessAnswer {
  /** Name of its key. */
  readonly role: string
  readonly action: AccessAction
  /** `SUBJECT QUEUE` for a subscription as part of a queue group. */
  readonly subject: string
  readonly expected: 'allowed' | 'refused'
  /** `unserved`: it may ask, and no service is there that could answer. */
  readonly got: 'allowed' | 'refused' | 'unserved'
}

const PROBE_HEADER = 'NetBehave-Probe'
const BODY = 'may I?'
const REQUEST_MS = 5_000

/** Is it no message but the question whether it would be let through? */
export const isProbe = (message: Pick<Msg, 'headers'>): boolean => message.headers?.has(PROBE_HEADER) === true

/** Asks for one role; all its rows at once. */
export async function probeAccess(
  role: string,
  connection: NatsConnection,
  matrix: readonly MatrixRow[],
): Promise<AccessAnswer[]> {
  const refused = watchRefusals(connection)
  const rows = matrix.filter(({ action }) => !UNLIMITED[action].includes(role))
  const marked = probeHeaders()
  const answers = new Map<string, Promise<AccessAnswer['got']>>()
  for (const { action, subject, queue } of rows) {
    if (action === 'request') answers.set(subject, ask(connection, subject, marked))
    if (action === 'publish') connection.publish(subject, BODY, { headers: marked })
    if (action === 'subscribe')
      connection.subscribe(subject, { callback: () => {}, ...(queue && { queue }) }).unsubscribe()
  }
  await connection.flush()
  await new Promise((resolve) => setImmediate(resolve))
  return await Promise.all(
    rows.map(async ({ action, subject, queue, allowed }): Promise<AccessAnswer> => {
      const expected = allowed.includes(role) ? 'allowed' : 'refused'
      const text = queue === undefined ? subject : `${subject} ${queue}`
      const answer = { role, action, subject: text, expected } as const
      if (action !== 'request') return { ...answer, got: refused.has(`${action} ${text}`) ? 'refused' : 'allowed' }
      if (refused.has(`publish ${subject}`)) return { ...answer, got: 'refused' }
      const got = await answers.get(subject)!
      // In an account that the service does not export to, nobody serves either.
      return { ...answer, got: got === 'unserved' && expected === 'refused' ? 'refused' : got }
    }),
  )
}

const probeHeaders = (): MsgHdrs => {
  const marked = headers()
  marked.set(PROBE_HEADER, '1')
  marked.set('Nats-Expected-Stream', 'none')
  return marked
}

/** Filled as the server's errors come in: `publish SUBJECT`, `subscribe SUBJECT`, `subscribe SUBJECT QUEUE`. */
function watchRefusals(connection: NatsConnection): Set<string> {
  const refused = new Set<string>()
  void (async () => {
    for await (const status of connection.status()) {
      if (status.type !== 'error' || !(status.error instanceof PermissionViolationError)) continue
      const { operation, subject, queue } = status.error
      const action: AccessAction = operation === 'publish' ? 'publish' : 'subscribe'
      refused.add(`${action} ${queue === undefined ? subject : `${subject} ${queue}`}`)
    }
  })()
  return refused
}

async function ask(connection: NatsConnection, subject: string, marked: MsgHdrs): Promise<AccessAnswer['got']> {
  try {
    await connection.request(subject, BODY, { timeout: REQUEST_MS, headers: marked })
    return 'allowed'
  } catch (error) {
    const cause = (error as Error).cause ?? error
    return cause instanceof NoRespondersError ? 'unserved' : 'refused'
  }
}

/** Answers that are not as expected. What answers nobody is not running, which says nothing of permissions. */
export function differences(answers: readonly AccessAnswer[]): AccessAnswer[] {
  const unserved = unservedSubjects(answers)
  return answers.filter(
    ({ expected, got, subject }) => got !== expected && !(got === 'unserved' && unserved.includes(subject)),
  )
}

/** Subjects of requests on which some may ask, and nobody got an answer. */
export function unservedSubjects(answers: readonly AccessAnswer[]): string[] {
  const of = (wanted: AccessAnswer['got']) =>
    new Set(answers.filter(({ action, got }) => action === 'request' && got === wanted).map(({ subject }) => subject))
  const served = of('allowed')
  return [...of('unserved')].filter((subject) => !served.has(subject))
}
