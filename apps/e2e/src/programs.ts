// Where the programs are that the tests start.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The repository's folder. */
export const ROOT = dirname(dirname(dirname(import.meta.dirname)))
/** What users type. */
export const LAUNCHER = join(ROOT, 'netbehave')
/** The program behind it, without the bootstrap. */
export const NETBEHAVE = join(ROOT, 'apps', 'cli', 'src', 'main.ts')
export const appMain = (app: string): string => join(ROOT, 'apps', app, 'src', 'main.ts')

/** Why a test that needs a system program is skipped; false when it is there, and with CI=true, where it must be. */
export function missingProgram(name: string): string | false {
  if (process.env.CI === 'true') return false
  const found = (process.env.PATH ?? '').split(':').some((dir) => existsSync(join(dir, name)))
  return found ? false : `${name} is not installed`
}
