// What the decoder learned (templates, sampling, interface names), kept across restarts in one JSON file that is replaced
// as a whole. In: the decoder. Fails: a file that cannot be used is set aside and named; saving that fails is logged.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Decoder } from '@netbehave/netflow'
import { describeSystemError, type LimitedLog, type Log, OperatorError } from '@netbehave/service'

/** How soon after a change the file is written. */
const SAVE_INTERVAL_MS = 500

/** Name of the file of a collector. */
export const templateFile = (site: string, instance: string): string => `templates-${site}-${instance}.json`

/** Reads the file into the decoder, and writes it whenever the decoder learned something; disposing writes once more. */
export async function keepDecoderState(
  decoder: Decoder,
  path: string,
  log: Log,
  limitedLog: LimitedLog,
): Promise<AsyncDisposable> {
  await makeFolder(dirname(path))
  await restore(decoder, path, log)
  let savedVersion = decoder.stateVersion
  let saving: Promise<void> | undefined

  async function save(): Promise<void> {
    const version = decoder.stateVersion
    if (version === savedVersion) return
    try {
      await writeFile(`${path}.new`, JSON.stringify(decoder.saveState()))
      await rename(`${path}.new`, path)
      savedVersion = version
    } catch (error) {
      limitedLog(
        'template-file',
        { err: error },
        `cannot save templates to ${path}: ${describeSystemError(error)}; a restart would wait for exporters to send them again`,
      )
    }
  }
  const timer = setInterval(() => {
    saving ??= save().finally(() => {
      saving = undefined
    })
  }, SAVE_INTERVAL_MS)
  timer.unref()
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await saving
      await save()
    },
  }
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true })
  } catch (error) {
    throw new OperatorError(
      `cannot make the folder ${path} for templates: ${describeSystemError(error)}; name another data folder with --data-dir`,
      { cause: error },
    )
  }
}

async function restore(decoder: Decoder, path: string, log: Log): Promise<void> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return
  }
  const reason = restoreText(decoder, text)
  if (reason === undefined) return
  const aside = `${path}.damaged`
  await rename(path, aside)
  log.error(
    `saved templates cannot be used (${reason}); the file is kept as ${aside}, exporters will send their templates again`,
  )
}

/** Why the text cannot be used; undefined when it was. */
function restoreText(decoder: Decoder, text: string): string | undefined {
  try {
    const result = decoder.restoreState(JSON.parse(text))
    return 'refused' in result ? result.refused : undefined
  } catch (error) {
    return (error as Error).message
  }
}
