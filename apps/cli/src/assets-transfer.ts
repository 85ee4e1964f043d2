// netbehave assets export and import: all assets as a file, and a file's assets into the running service. A file with a mistake changes
// nothing. Fails: CommandError, 65 with each mistake by its line.
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { type AssetKey, IPAM_EXPORT, IPAM_IMPORT, MAX_ASSET_PAGE } from '@netbehave/schema'
import type { z } from 'zod'
import { type AssetsOptions, request } from './assets.ts'
import { CSV_HEADING, type CsvEntry, type CsvProblem, csvLine, readAssetsCsv } from './assets-csv.ts'
import { connectToCopy } from './broker-client.ts'
import type { Environment } from './environment.ts'
import { CommandError, describeSystemError, EXIT } from './exit-codes.ts'
import { countOf } from './output/numbers.ts'
import { printable } from './output/printable.ts'
import { createPrinter } from './output/printer.ts'

export interface ExportOptions extends AssetsOptions {
  output: 'csv' | 'json'
}

export async function exportAssets(options: ExportOptions, environment: Environment): Promise<void> {
  await using broker = await connectToCopy(options, 'admin', environment)
  const printer = createPrinter(environment.stdout)
  const toLine = options.output === 'csv' ? csvLine : JSON.stringify
  if (options.output === 'csv') await printer.line(CSV_HEADING.join(','))
  for (let after: AssetKey | null | undefined; after !== null; ) {
    const page: z.output<typeof IPAM_EXPORT.reply> = await request(broker, IPAM_EXPORT, {
      limit: MAX_ASSET_PAGE,
      ...(options.site !== undefined && { site: options.site }),
      ...(after && { after }),
    })
    for (const asset of page.assets) await printer.line(toLine(asset))
    after = page.next
  }
  await printer.flush()
}

/** A request holds so many at most, in so many characters: a message has 1 MB, and a character up to 3 bytes. */
const ASSETS_IN_REQUEST = 200
const CHARACTERS_IN_REQUEST = 200_000
const SHOWN_PROBLEMS = 20
const TIMEOUT_MS = 30_000

export async function importAssets(file: string, options: AssetsOptions, environment: Environment): Promise<void> {
  const { entries, problems } = readAssetsCsv(await readInput(file, environment), options.site)
  if (problems.length > 0) tellProblems(file, problems, 'nothing was imported', environment)
  await using broker = await connectToCopy(options, 'admin', environment)
  const sums = { added: 0, changed: 0, same: 0 }
  const refused: CsvProblem[] = []
  for (const piece of pieces(entries)) {
    const assets = piece.map(({ asset }) => asset)
    const reply = await request(broker, IPAM_IMPORT, { assets }, TIMEOUT_MS)
    sums.added += reply.added
    sums.changed += reply.changed
    sums.same += reply.same
    refused.push(...reply.refused.map(({ index, reason }) => ({ line: piece[index]!.line, problem: reason })))
  }
  const said = `${countOf(sums.added, 'asset')} added, ${sums.changed} changed, ${sums.same} as they were`
  environment.stdout.write(`${said}\n`)
  if (refused.length > 0) tellProblems(file, refused, 'these were not imported, the others were', environment)
}

async function readInput(file: string, { stdin }: Environment): Promise<string> {
  try {
    return file === '-' ? await text(stdin) : await readFile(file, 'utf8')
  } catch (error) {
    throw new CommandError(`cannot read ${file}: ${describeSystemError(error)}`, EXIT.noInput, { cause: error })
  }
}

function tellProblems(file: string, problems: readonly CsvProblem[], outcome: string, { stderr }: Environment): never {
  for (const { line, problem } of problems.slice(0, SHOWN_PROBLEMS))
    stderr.write(`${file}:${line}: ${printable(problem)}\n`)
  const more = problems.length - SHOWN_PROBLEMS
  if (more > 0) stderr.write(`and ${countOf(more, 'more line')}\n`)
  throw new CommandError(`${countOf(problems.length, 'line')} of ${file} cannot be used; ${outcome}`, EXIT.data)
}

function* pieces(entries: readonly CsvEntry[]): Generator<CsvEntry[]> {
  let piece: CsvEntry[] = []
  let characters = 0
  for (const entry of entries) {
    const size = JSON.stringify(entry.asset).length
    if (piece.length === ASSETS_IN_REQUEST || (piece.length > 0 && characters + size > CHARACTERS_IN_REQUEST)) {
      yield piece
      piece = []
      characters = 0
    }
    piece.push(entry)
    characters += size
  }
  if (piece.length > 0) yield piece
}
