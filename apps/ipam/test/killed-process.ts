// A service that dies on its own: after the transaction of a sighting ("stored"), or after the stream has its event and before the
// outbox knows ("published"). In: data folder, address of the broker, moment.
import { join } from 'node:path'
import { connectBroker, createPublisher } from '@netbehave/broker'
import { silentLog } from '@netbehave/broker/testing'
import { SUBJECTS } from '@netbehave/schema'
import { IpamConfig } from '../src/config.ts'
import { createHear } from '../src/hear.ts'
import { createCounters } from '../src/metrics.ts'
import { createSight } from '../src/sight.ts'
import { openStore } from '../src/store.ts'
import { makeSighting } from '../src/testing.ts'
import { createTurns } from '../src/turns.ts'

const [, , dataDir, brokerUrl, moment] = process.argv
const path = join(dataDir!, 'ipam/assets.sqlite3')
const store = openStore({ path, settings: IpamConfig.parse({}), counters: createCounters() })
const turn = createTurns()
await createSight(store, createHear(store, turn, []), turn)([makeSighting({ ip: '10.0.0.1' })], Date.now())
if (moment === 'published') {
  const publisher = createPublisher(
    connectBroker({ brokerUrl: brokerUrl!, instance: 'k' }, 'ipam-events', silentLog),
    silentLog,
  )
  for (const { id, json } of store.outbox.take(10))
    await publisher.push({ subject: SUBJECTS.assetNew, id, bytes: Buffer.from(json), flows: 0 })
}
process.kill(process.pid, 'SIGKILL')
