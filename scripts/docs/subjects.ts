// docs/subjects.md from libs/schema: subjects, streams, consumers.
import {
  CONSUMERS,
  type ConsumerSpec,
  DEDUPLICATION_MS,
  REQUESTS,
  STREAMS,
  SUBJECTS,
} from '../../libs/schema/src/index.ts'
import { table } from './table.ts'

const HOUR_MS = 3_600_000
const MIB = 1024 * 1024

const HEAD = `# Subjects, streams, consumers

Generated from \`libs/schema\` by \`node scripts/generate-docs.ts\`; \`npm test\` compares. Tokens in a subject are 1 to 64
letters, digits, \`_\` or \`-\`.
`

export function subjectsPage(): string {
  const subjects = [
    [SUBJECTS.flowsRaw('SITE'), 'stream FLOWS_RAW', 'collector', '[FlowBatch](flow-batch.md) (CBOR)'],
    [SUBJECTS.flowsEnriched('SITE'), 'stream FLOWS', 'enricher', 'FlowBatch with services and rules'],
    [
      SUBJECTS.stats('APP', 'SITE', 'INSTANCE'),
      'core',
      'every app, every 5 s and when asked',
      'JSON: `StatsSnapshot` in `libs/schema/src/stats.ts`',
    ],
    [SUBJECTS.ruleMatch, 'stream EVENTS', 'enricher', 'JSON: `RuleMatchEvent` in `libs/schema/src/events.ts`'],
    [SUBJECTS.assetNew, 'stream EVENTS', 'ipam', 'JSON: `AssetEvent`'],
    [SUBJECTS.assetChanged, 'stream EVENTS', 'ipam', 'JSON: `AssetEvent`'],
    [SUBJECTS.exporterSilent('SITE'), 'stream EVENTS', 'collector', 'JSON: `ExporterEvent`'],
    [SUBJECTS.exporterBack('SITE'), 'stream EVENTS', 'collector', 'JSON: `ExporterEvent`'],
    [SUBJECTS.dnsReply, 'core', 'dns-ingest', 'JSON: `DnsReplyEvent` in `libs/schema/src/requests/dns.ts`'],
    [SUBJECTS.statsAsk, 'core', 'the command line', 'empty: "publish your snapshot now"'],
  ].map(([subject, ...rest]) => [`\`${subject}\``, ...rest])
  const streams = Object.entries(STREAMS).map(([name, { subjects: of, maxAgeMs, maxBytes }]) => [
    name,
    of.map((subject) => `\`${subject}\``).join(' '),
    `${maxAgeMs / HOUR_MS} h`,
    `${maxBytes / MIB} MiB`,
  ])
  const consumers = Object.values<ConsumerSpec>(CONSUMERS).map(({ stream, durable, ackWaitMs, maxAckPending }) => [
    `\`${durable}\``,
    stream,
    `${ackWaitMs / 1000} s`,
    String(maxAckPending),
  ])
  const requests = REQUESTS.map(({ subject, meaning }) => [`\`${subject}\``, meaning])
  return `${HEAD}
## Subjects

${table(['subject', 'carried by', 'published by', 'content'], subjects)}
## Requests

JSON there and back, by the contracts in \`libs/schema/src/requests\`. A fault comes as the headers \`Nats-Service-Error-Code\` (as in
HTTP) and \`Nats-Service-Error\` (a sentence). \`nats micro ls\` shows who serves.

${table(['subject', 'answers'], requests)}
## Streams

File storage, S2 compression, the oldest messages go first. A message id is remembered for ${DEDUPLICATION_MS / 60_000} minutes, so a
publisher that repeats after the broker was away for less than that stores nothing twice.

${table(['stream', 'subjects', 'keeps at most', 'size at most'], streams)}
## Durable pull consumers

Every message is acknowledged by itself.

${table(['consumer', 'stream', 'delivered again after', 'unacknowledged at most'], consumers)}`
}
