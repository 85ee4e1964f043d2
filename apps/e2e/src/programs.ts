// Where the programs are that the tests start.
import { dirname, join } from 'node:path'

/** The repository's folder. */
export const ROOT = dirname(dirname(dirname(import.meta.dirname)))
/** The program behind `./netbehave`, without the bootstrap. */
export const NETBEHAVE = join(ROOT, 'apps', 'cli', 'src', 'main.ts')
export const appMain = (app: string): string => join(ROOT, 'apps', app, 'src', 'main.ts')
