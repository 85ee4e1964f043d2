// The account of a site at the hub: where its server's line ends. It holds no stream; what may leave it are questions to the hub's streams
// on subjects of that site alone, and how the site's apps are. An answer goes to those who listen in this account, the site itself, whatever
// reply subject was named (docs/decisions/014).
import { lastAtHub, type StreamName, siteNames } from '@netbehave/schema'
import { siteStats } from './roles.ts'

/** A subject of JetStream that answers with the last message of a subject in a stream. */
const lastOf = (stream: StreamName, subject: string): string => `$JS.API.DIRECT.GET.${stream}.${subject}`

const streamsOf = (site: string): { into: StreamName; subject: string }[] => {
  const { flows, events } = siteNames(site)
  return [flows, events].flatMap(({ into, subjects }) => subjects.map((subject) => ({ into, subject })))
}

/** What the account with the streams offers the site. */
export const siteServices = (site: string): object[] =>
  streamsOf(site).flatMap(({ into, subject }) =>
    [subject, lastOf(into, subject)].map((service) => ({ service, accounts: [siteNames(site).account] })),
  )

/** What the apps' account takes of the site. */
export const siteReports = (site: string): object[] =>
  siteStats(site).map((subject) => ({ stream: { account: siteNames(site).account, subject } }))

/** The account, without its users. */
export const siteAccount = (site: string) => ({
  exports: siteStats(site).map((stream) => ({ stream, accounts: ['APPS'] })),
  imports: [
    ...streamsOf(site).flatMap(({ into, subject }) => [
      { service: { account: 'FLOW', subject } },
      { service: { account: 'FLOW', subject: lastOf(into, subject) }, to: lastAtHub(subject) },
    ]),
    { stream: { account: 'APPS', subject: 'stats-ask' } },
  ],
})
