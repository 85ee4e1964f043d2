// Real exporters' datagrams, which are not part of the repository: a folder beside it, with a manifest of what each must
// decode to. Tests say so and skip where it is absent.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const FOLDER = new URL('../../../../../shared/captures/', import.meta.url)

/** One flow of the manifest; `{}` stands for an options record or one without flow fields. */
export interface ListedFlow {
  srcAddress?: string
  dstAddress?: string
  srcPort?: number
  dstPort?: number
  protocol?: number
  bytes?: number
  packets?: number
  durationSeconds?: number
  postNatSrcAddress?: string
  postNatDstAddress?: string
}

export interface CaptureScenario {
  scenario: string
  datagrams: { file: string; exporter: string }[]
  /** Flows and options records; null where only "does not throw, counts a problem" is asked. */
  records: number | null
  note?: string
  flows: ListedFlow[]
}

/** Why tests on captures are skipped; false when the folder is there. */
export const capturesAbsent: string | false = existsSync(new URL('manifest.json', FOLDER))
  ? false
  : `no captures in ${fileURLToPath(FOLDER)}`

export function captureScenarios(): CaptureScenario[] {
  return capturesAbsent ? [] : JSON.parse(readFileSync(new URL('manifest.json', FOLDER), 'utf8'))
}

export const readCapture = (file: string): Buffer => readFileSync(new URL(file, FOLDER))

/** Every datagram of the folder, in order of names. */
export function allCaptures(): Buffer[] {
  if (capturesAbsent) return []
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.dat'))
    .sort()
    .map(readCapture)
}
