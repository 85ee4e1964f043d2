// docs/configuration.md from the schemas of the apps.

import type { z } from 'zod'
import { AlerterConfig } from '../../apps/alerter/src/config.ts'
import { ArchiverConfig } from '../../apps/archiver/src/config.ts'
import { UpConfig } from '../../apps/cli/src/up/config.ts'
import { CollectorConfig } from '../../apps/collector/src/config.ts'
import { DnsIngestConfig } from '../../apps/dns-ingest/src/config.ts'
import { EnricherConfig } from '../../apps/enricher/src/config.ts'
import { IpamConfig } from '../../apps/ipam/src/config.ts'
import { SearchGwConfig } from '../../apps/search-gw/src/config.ts'
import { WhoisConfig } from '../../apps/whois/src/config.ts'
import { CommonConfig, keysOf } from '../../libs/service/src/index.ts'
import { table } from './table.ts'

const APPS: Readonly<Record<string, z.ZodObject>> = {
  collector: CollectorConfig,
  enricher: EnricherConfig,
  'dns-ingest': DnsIngestConfig,
  archiver: ArchiverConfig,
  'search-gw': SearchGwConfig,
  whois: WhoisConfig,
  ipam: IpamConfig,
  alerter: AlerterConfig,
}

const HEAD = `# Configuration

Generated from the schemas in the code by \`node scripts/generate-docs.ts\`; \`npm test\` compares.

Nothing has to be configured. What is said wins in this order: flag, environment, \`netbehave.yaml\` (in the working
directory, or named by \`--config\` or \`NETBEHAVE_CONFIG\`), default. A key that does not exist is an error that names the
nearest one that does. \`netbehave config check\` looks at all of it and exits 78 when something is wrong;
\`netbehave config show\` prints what is in force, secrets masked.

\`\`\`yaml
site: home
dataDir: /var/lib/netbehave
collector:
  networks: home=192.168.1.0/24,2001:db8::/48,guest=192.168.9.0/24
  allow: [192.168.1.1]
archiver:
  keepDays: 90
up:
  http: 127.0.0.1:8055
\`\`\`

Flags in the tables are those of an app that is started by itself (\`node apps/collector/src/main.ts --linger-ms 50\`);
\`netbehave up\` has its own (\`netbehave up --help\`). Lists are separated by commas in flags and in the environment.
`

export function configurationPage(): string {
  const common = CommonConfig as unknown as z.ZodObject
  const sections = Object.entries(APPS).map(([name, schema]) =>
    section(`\`${name}\`: keys below \`${name}:\``, name, schema, false),
  )
  return [
    HEAD,
    section('Common: top level of the file', 'collector', common, true),
    ...sections,
    `## \`up\`: keys below \`up:\`, for \`netbehave up\`\n\n${table(['key', 'default', 'meaning'], upRows())}`,
  ].join('\n')
}

function section(title: string, name: string, schema: z.ZodObject, isCommon: boolean): string {
  const all = keysOf(name, schema)
  const commonKeys = Object.keys(CommonConfig.shape)
  const keys = isCommon ? all.slice(0, commonKeys.length) : all.filter((key) => !commonKeys.includes(key.path[0]!))
  const rows = keys.map(({ path, env, flag, schema: key }) => [
    `\`${path.join('.')}\``,
    `\`${env}\``,
    `\`--${flag}\``,
    defaultOf(key),
    key.description ?? '',
  ])
  return `## ${title}\n\n${table(['key', 'environment', 'flag', 'default', 'meaning'], rows)}`
}

function upRows(): string[][] {
  return Object.entries(UpConfig.shape).map(([key, schema]) => [
    `\`${key}\``,
    defaultOf(schema as z.ZodType),
    (schema as z.ZodType).description ?? '',
  ])
}

/** Defaults that depend on the machine are described in the meaning. */
function defaultOf(schema: z.ZodType): string {
  const def = schema.def as { defaultValue?: unknown }
  const described = Object.getOwnPropertyDescriptor(def, 'defaultValue')
  const value = described ? def.defaultValue : undefined
  if (value === undefined || (schema.description ?? '').includes('default:')) return ''
  return typeof value === 'string' ? (value === '' ? '' : `\`${value}\``) : `\`${JSON.stringify(value)}\``
}
