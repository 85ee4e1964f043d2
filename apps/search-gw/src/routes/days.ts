// The days of the archive: list, check, take away, remove.
import { rm } from 'node:fs/promises'
import { checkDay, createDayClock, type DaySummary, NoSuchDayError, openCatalog, paths } from '@netbehave/history'
import { DAY, DAYS, DOWNLOAD_DAY, PRUNE_DAY, VERIFY_DAY } from '@netbehave/schema/api'
import type { Archive } from '../history/archive.ts'
import { type DownloadNeighbours, downloadDay } from '../history/download-day.ts'
import type { Binder } from '../http/bind.ts'
import { ApiError } from '../http/problem.ts'

export interface DayNeighbours extends DownloadNeighbours {
  /** In which a day begins: the archiver's. */
  readonly timeZone: () => string
  readonly onPruned: (day: string, user: string) => void
}

export function bindDays({ bind }: Binder, neighbours: DayNeighbours): void {
  const { archive, dataDir, now, timeZone, onPruned } = neighbours
  const today = () => createDayClock(timeZone()).at(now()).day
  let verifying: string | undefined

  bind(DAYS, () => ({ days: archive.history.days().map(toReply), today: today(), timeZone: timeZone() }))

  bind(DAY, ({ params: { day } }) => toReply(requireDay(archive, day)))

  bind(VERIFY_DAY, async ({ params: { day } }) => {
    requireDay(archive, day)
    if (verifying)
      throw new ApiError(409, `${verifying} is being checked; a day takes a while, one is checked at a time`)
    verifying = day
    try {
      return await archive.ask((history) => history.verifyDay(day))
    } finally {
      verifying = undefined
    }
  })

  bind(PRUNE_DAY, async ({ params: { day }, identity }) => {
    const { flows, diskBytes } = requireDay(archive, day)
    if (day >= today()) throw new ApiError(409, "today's flows are never removed")
    await removeDay(dataDir, day, now())
    onPruned(day, identity.user)
    return { day, flows, diskBytes }
  })

  bind(DOWNLOAD_DAY, async ({ params: { day }, query: { format }, signal, request, response }) => {
    await downloadDay(requireDay(archive, day), format, neighbours, { signal, request, response })
    return undefined
  })
}

/** Throws DayError, NoSuchDayError. */
function requireDay(archive: Archive, day: string): DaySummary {
  const summary = archive.history.dayInfo(checkDay(day))
  if (!summary) throw new NoSuchDayError(`there are no flows of ${day}`)
  return summary
}

function toReply(summary: DaySummary) {
  return { ...summary, database: summary.database && { ...summary.database } }
}

/** Out of the catalogue first, so that no search meets half a day; the archiver deletes the files when none can still read them. */
async function removeDay(dataDir: string, day: string, nowMs: number): Promise<void> {
  using catalog = openCatalog(dataDir)
  await rm(paths.database(dataDir, day), { force: true })
  catalog.removeFiles(catalog.filesOf(day), nowMs)
  catalog.forgetDay(day)
}
