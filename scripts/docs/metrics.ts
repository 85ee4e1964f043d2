// docs/metrics.md from what the apps register. Registering reads no value, so the sources may be empty.

import { Registry } from 'prom-client'
import { registerMetrics as alerter } from '../../apps/alerter/src/metrics.ts'
import { registerMetrics as archiver } from '../../apps/archiver/src/metrics.ts'
import { registerMetrics as collector } from '../../apps/collector/src/metrics.ts'
import { registerMetrics as dnsIngest } from '../../apps/dns-ingest/src/metrics.ts'
import { registerMetrics as enricher } from '../../apps/enricher/src/metrics.ts'
import { registerMetrics as ipam } from '../../apps/ipam/src/metrics.ts'
import { registerMetrics as searchGw } from '../../apps/search-gw/src/metrics.ts'
import { registerMetrics as whois } from '../../apps/whois/src/metrics.ts'
import { table } from './table.ts'

const HEAD = `# Metrics

Generated from the code by \`node scripts/generate-docs.ts\`; \`npm test\` compares. Every app publishes its metrics on
\`stats.<app>.<site>.<instance>\`; the gateway serves those of the whole system on \`GET /metrics\` with the labels \`site\`
and \`instance\`. The part of the name after the app is the step.
`

export function metricsPage(): string {
  const registries: [string, (registry: Registry) => void][] = [
    ['collector', (registry) => collector(registry, {} as never)],
    ['enricher', (registry) => enricher(registry, {} as never)],
    ['dns-ingest', (registry) => dnsIngest(registry, {} as never)],
    ['archiver', (registry) => archiver(registry, {} as never, {} as never)],
    ['search-gw', (registry) => searchGw(registry, {} as never)],
    ['whois', (registry) => whois(registry, {} as never)],
    ['ipam', (registry) => ipam(registry, { counters: {} } as never)],
    ['alerter', (registry) => alerter(registry, {} as never)],
  ]
  return registries.reduce(
    (page, [app, register]) => `${page}\n## ${app}\n\n${table(['metric', 'kind', 'meaning'], rowsOf(register))}`,
    HEAD,
  )
}

function rowsOf(register: (registry: Registry) => void): string[][] {
  const registry = new Registry()
  register(registry)
  return registry.getMetricsAsArray().map((metric) => {
    const { name, help, type } = metric as unknown as { name: string; help: string; type: string }
    return [`\`${name}\``, type, help]
  })
}
