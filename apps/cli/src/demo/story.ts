// What of the demo's story is told already: `demo.json` in its folder, so that a second start goes on where the first one stopped.
// Fails: CommandError 64 when the folder was begun with another seed.
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { CommandError, EXIT } from '../exit-codes.ts'

const Story = z.object({
  seed: z.number(),
  /** The past from here on is told, or will be; epoch ms. */
  fromMs: z.number(),
  /** The past is told back to here. */
  toldFromMs: z.number(),
  /** What came is told up to here. */
  untilMs: z.number(),
  /** Guests that came so far. */
  guests: z.number(),
})
export type Story = z.infer<typeof Story>

const storyPath = (dataDir: string): string => join(dataDir, 'demo.json')

/** The story of the folder, or the begin of a new one. */
export function openStory(
  dataDir: string,
  seed: number,
  historyMs: number,
  nowMs: number,
): { story: Story; isNew: boolean } {
  const kept = readStory(dataDir)
  if (kept === undefined) {
    const fromMs = nowMs - historyMs
    return { story: { seed, fromMs, toldFromMs: nowMs, untilMs: nowMs, guests: 0 }, isNew: true }
  }
  if (kept.seed === seed) return { story: kept, isNew: false }
  throw new CommandError(
    `the demo in ${dataDir} was begun with --seed ${kept.seed}; give that, or another folder with --data`,
    EXIT.usage,
  )
}

/** Complete or not at all. */
export function keepStory(dataDir: string, story: Story): void {
  const path = storyPath(dataDir)
  writeFileSync(`${path}.new`, `${JSON.stringify(story)}\n`)
  renameSync(`${path}.new`, path)
}

function readStory(dataDir: string): Story | undefined {
  try {
    return Story.safeParse(JSON.parse(readFileSync(storyPath(dataDir), 'utf8'))).data
  } catch {
    return undefined // none, or half of one: the story begins anew
  }
}
