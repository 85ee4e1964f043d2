// DuckDB for the archiver: opened with the first flush, so that an idle archiver costs nothing. One connection for the flush,
// one for merging and closing, which go on side by side.
import { type ConnectOptions, type DuckDBConnection, type DuckDb, openDuckDb, paths } from '@netbehave/history'

import type { FlowWriter } from './write.ts'

export interface Session extends AsyncDisposable {
  duckDb(): Promise<DuckDb>
  writer(): Promise<FlowWriter>
  merging(): Promise<DuckDBConnection>
}

export function createSession(dataDir: string, settings: { memoryLimitMb: number; threads: number }): Session {
  let opening: Promise<DuckDb> | undefined
  let writing: Promise<FlowWriter> | undefined
  const connections = new Map<string, Promise<DuckDBConnection>>()

  const duckDb = () =>
    (opening ??= openDuckDb({
      directories: [paths.flows(dataDir)],
      temporaryDirectory: `${paths.temporary(dataDir)}/archiver`,
      ...settings,
    }))
  const connection = (name: string, options?: ConnectOptions) => {
    const known = connections.get(name) ?? duckDb().then((opened) => opened.connect(options))
    connections.set(name, known)
    return known
  }
  async function openWriter(): Promise<FlowWriter> {
    const { createFlowWriter } = await import('./write.ts')
    return createFlowWriter(await connection('flush'))
  }
  return {
    duckDb,
    writer: () => (writing ??= openWriter()),
    merging: () => connection('merge', { sortsOnDisk: true }),
    async [Symbol.asyncDispose]() {
      for (const opened of connections.values()) (await opened).closeSync()
      connections.clear()
      const opened = await opening
      opening = undefined
      opened?.[Symbol.dispose]()
    },
  }
}
