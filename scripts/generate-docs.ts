// The pages that say what the code says: docs/configuration.md, docs/subjects.md, docs/metrics.md, the table of columns in
// docs/flow-batch.md, the sections of docs/routers.md, the examples in deploy/nats. `node scripts/generate-docs.ts` writes them; a test compares.
import { readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { hubExample, leafExample } from './docs/broker-config.ts'
import { configurationPage } from './docs/configuration.ts'
import { flowBatchPage } from './docs/flow-batch.ts'
import { metricsPage } from './docs/metrics.ts'
import { routersPage } from './docs/routers.ts'
import { subjectsPage } from './docs/subjects.ts'

const DOCS = new URL('../docs/', import.meta.url)

/** File name in docs/ → the page as it should be, from the code and the page as it is. */
export const PAGES: Readonly<Record<string, (page: string) => string>> = {
  'configuration.md': configurationPage,
  'subjects.md': subjectsPage,
  'metrics.md': metricsPage,
  'flow-batch.md': flowBatchPage,
  'routers.md': routersPage,
  '../deploy/nats/hub.conf': hubExample,
  '../deploy/nats/leaf.conf': leafExample,
}

/** The page in docs/ as it is; empty when there is none. */
export function readPage(name: string): string {
  try {
    return readFileSync(new URL(name, DOCS), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const [name, generate] of Object.entries(PAGES)) writeFileSync(new URL(name, DOCS), generate(readPage(name)))
}
