// What the account with the streams offers to the account of the apps. nats-server sends the answer to a publish, and what a consumer hands
// out, to any reply subject that was named; within one account that reaches JetStream's own subjects, and a collector could empty a stream
// (docs/decisions/005). Through a service between accounts such an answer goes to those who listen in the asker's account, and no further.
import type { ConsumerSpec } from '@netbehave/schema'
import { acknowledges, asksConsumer, asksStream, takesNext } from './roles.ts'

/** Subjects of one account that another may ask on. */
export interface StreamService {
  readonly subject: string
  /** Has one question many answers? */
  readonly isStream: boolean
}

/** Publishing to `subjects` with acknowledgement, looking at the streams and reading by their consumers. */
export const streamServices = (subjects: readonly string[], consumers: readonly ConsumerSpec[]): StreamService[] => {
  const single = [
    // Nobody may ask it; an account that does not import it gets all of JetStream's subjects, of a JetStream that it has not.
    '$JS.API.INFO',
    ...subjects,
    ...consumers.flatMap((spec) => [asksStream(spec), asksConsumer(spec), ...acknowledges(spec)]),
  ]
  return [
    ...single.map((subject) => ({ subject, isStream: false })),
    ...consumers.map((spec) => ({ subject: takesNext(spec), isStream: true })),
  ]
}

/** The part of the account with the streams that offers them; `more` are its other exports. */
export const streamAccount = (services: readonly StreamService[], more: readonly object[] = []) => ({
  jetstream: 'enabled' as const,
  exports: [
    ...services.map(({ subject, isStream }) => ({
      service: subject,
      ...(isStream && { response_type: 'stream' }),
      accounts: ['APPS'],
    })),
    ...more,
  ],
})

export const appsImports = (services: readonly StreamService[]): object[] =>
  services.map(({ subject }) => ({ service: { account: 'FLOW', subject } }))
