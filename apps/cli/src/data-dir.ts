// Which data folder a command means: --data, else NETBEHAVE_DATA_DIR, else `dataDir` of the configuration, else ./data.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Environment } from './environment.ts'
import { CommandError, EXIT } from './exit-codes.ts'
import { findRunningCopy, type RunFile } from './run-file.ts'

const DEFAULT_DATA_DIR = './data'
export const CONFIG_FILE = 'netbehave.yaml'

/** Absolute. Throws CommandError when the configuration cannot be read. */
export async function chooseDataDir(data: string | undefined, { env }: Environment): Promise<string> {
  if (data !== undefined) return resolve(data)
  if (env.NETBEHAVE_DATA_DIR) return resolve(env.NETBEHAVE_DATA_DIR)
  // Reading the configuration costs more than most commands; without a file there is nothing in it.
  if (!env.NETBEHAVE_CONFIG && !existsSync(CONFIG_FILE)) return resolve(DEFAULT_DATA_DIR)
  const { loadUpConfig } = await import('./up/config.ts')
  return loadUpConfig({}, env).dataDir
}

/** The copy that runs on this folder. Throws CommandError when none does. */
export function requireRunningCopy(dataDir: string): RunFile {
  const running = findRunningCopy(dataDir)
  if (running) return running
  throw new CommandError(
    `no NetBehave runs on ${dataDir}; start one with "netbehave up --data ${dataDir}", or name another folder with --data`,
    EXIT.unavailable,
  )
}
