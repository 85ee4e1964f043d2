// A site that is heard again after its line was away is copied from at once. In: the hub's keeper, the snapshots of the sites' collectors.
// Fails: never; nats-server tries by itself, later.
import { type Broker, copyAnew, type HubSite, quietCopies } from '@netbehave/broker'
import type { Log } from '@netbehave/service'

/** So many snapshots of a site's collector came, one after the other, while a stream heard nothing of the site: it waits for its next try. */
const QUIET_LOOKS = 2

/** `sitesNow`: those of the hub, which may change. */
export function resumeSites(keeper: Broker, sitesNow: () => readonly HubSite[], log: Log): Disposable {
  const looking = new Set<string>()
  /** One site after the other: each change of a stream's list must see the one before. */
  let queue: Promise<unknown> = Promise.resolve()
  /** Looks in a row that found a stream quiet, by site and stream. */
  const quietLooks = new Map<string, number>()

  return keeper.subscribe('stats.collector.*.*', (_bytes, subject) => {
    const site = subject.split('.')[2]!
    if (!sitesNow().some(({ name }) => name === site) || looking.has(site)) return
    looking.add(site)
    queue = queue
      .then(() => look(site))
      .catch((error: Error) => log.warn({ err: error, site }, `copying from ${site} was not resumed: ${error.message}`))
      .finally(() => looking.delete(site))
  })

  async function look(site: string): Promise<void> {
    const connection = await keeper.connected
    const quiet = await quietCopies(connection, site)
    for (const key of quietLooks.keys())
      if (key.startsWith(`${site} `) && !quiet.some((stream) => key === `${site} ${stream}`)) quietLooks.delete(key)
    for (const stream of quiet) {
      const looks = (quietLooks.get(`${site} ${stream}`) ?? 0) + 1
      quietLooks.set(`${site} ${stream}`, looks % QUIET_LOOKS)
      if (looks < QUIET_LOOKS) continue
      await copyAnew(connection, stream, site, sitesNow())
      log.info({ site, stream }, `the site ${site} is heard again: copying what it kept into ${stream}`)
    }
  }
}
