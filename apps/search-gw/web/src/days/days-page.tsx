import type { DAYS, Day, ReplyOf } from '@netbehave/schema/api'
import { useState } from 'preact/hooks'
import { get } from '../api/ask.ts'
import { useAsk } from '../api/use-ask.ts'
import { bytes, count } from '../format/numbers.ts'
import { Link } from '../router/link.tsx'
import { pathWith } from '../router/place.ts'
import { RoleNote } from '../session/role-note.tsx'
import { may } from '../session/session.ts'
import { Badge } from '../ui/badge.tsx'
import { Icon } from '../ui/icon.tsx'
import { Page } from '../ui/page.tsx'
import { ScrollBox } from '../ui/scroll-box.tsx'
import { Empty, Failed, Fault, Waiting } from '../ui/states.tsx'
import { CheckDay } from './check-day.tsx'
import { DownloadMenu } from './download-menu.tsx'
import { PruneDay } from './prune-day.tsx'

type Days = ReplyOf<typeof DAYS>
const REFRESH_MS = 30_000

export function DaysPage() {
  const days = useAsk('days', (signal) => get<Days>('days', {}, signal), { everyMs: REFRESH_MS })
  const [checked, setChecked] = useState<Day>()
  const [pruned, setPruned] = useState<Day>()
  const { answer } = days

  return (
    <Page
      title="Days"
      about={answer && answer.days.length > 0 ? `A day begins at midnight in ${answer.timeZone}.` : undefined}
    >
      {days.problem && answer && <Fault problem={days.problem} again={days.again} />}
      {!answer && days.problem && <Failed problem={days.problem} again={days.again} />}
      {!answer && !days.problem && <Waiting what="the days" />}
      {answer?.days.length === 0 && (
        <Empty icon="days" title="No day yet">
          <p>
            The first flows are written some seconds after they came. <Link to="/first-run">First run</Link> shows how
            to send some.
          </p>
        </Empty>
      )}
      {answer && answer.days.length > 0 && (
        <>
          <Totals days={answer.days} />
          <RoleNote needs="admin">
            {may('operator')
              ? 'To remove a day is for admins'
              : 'To check a day is for operators, to remove one for admins'}
          </RoleNote>
          <ScrollBox label="Days">
            <table class="table table-hover">
              <thead>
                <tr>
                  <th>Day</th>
                  <th class="number">Flows</th>
                  <th class="number is-wide-only">Traffic</th>
                  <th class="number is-wide-only">Packets</th>
                  <th class="number is-wide-only">On disk</th>
                  <th class="is-wide-only">State</th>
                  <th>
                    <span class="visually-hidden">What to do with it</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {[...answer.days].reverse().map((day) => (
                  <DayRow
                    key={day.day}
                    day={day}
                    isToday={day.day === answer.today}
                    onCheck={setChecked}
                    onPrune={setPruned}
                  />
                ))}
              </tbody>
            </table>
          </ScrollBox>
        </>
      )}
      {checked && <CheckDay day={checked} onClose={() => setChecked(undefined)} />}
      {pruned && (
        <PruneDay
          day={pruned}
          onClose={(isDone) => {
            setPruned(undefined)
            if (isDone) days.again()
          }}
        />
      )}
    </Page>
  )
}

function Totals({ days }: { readonly days: readonly Day[] }) {
  const sum = (of: (day: Day) => number): number => days.reduce((total, day) => total + of(day), 0)
  return (
    <p class="stat-line totals">
      <span>
        <b>{count(days.length)}</b> {days.length === 1 ? 'day' : 'days'}
      </span>
      <span>
        <b>{count(sum(({ flows }) => flows))}</b> flows
      </span>
      <span>
        <b>{bytes(sum(({ diskBytes, database }) => diskBytes + (database?.bytes ?? 0)))}</b> on disk
      </span>
    </p>
  )
}

interface DayRowProps {
  readonly day: Day
  readonly isToday: boolean
  readonly onCheck: (day: Day) => void
  readonly onPrune: (day: Day) => void
}

function DayRow({ day, isToday, onCheck, onPrune }: DayRowProps) {
  const span = { from: new Date(day.firstMs).toISOString(), to: new Date(day.lastMs + 1).toISOString() }
  return (
    <tr>
      <th scope="row">
        <Link to={pathWith('/search', span)} title="Search this day">
          {day.day}
        </Link>
        <span class="is-narrow-only">
          <br />
          <DayState day={day} isToday={isToday} />
        </span>
      </th>
      <td class="number">{count(day.flows)}</td>
      <td class="number is-wide-only" title={`${count(day.bytes)} bytes`}>
        {bytes(day.bytes)}
      </td>
      <td class="number is-wide-only">{count(day.packets)}</td>
      <td class="number is-wide-only" title={`${count(day.files)} Parquet ${day.files === 1 ? 'file' : 'files'}`}>
        {bytes(day.diskBytes)}
        {day.database && <span class="quiet"> + {bytes(day.database.bytes)} SQLite</span>}
      </td>
      <td class="is-wide-only">
        <DayState day={day} isToday={isToday} />
      </td>
      <td>
        <div class="row-buttons">
          <DownloadMenu day={day.day} />
          {may('operator') && (
            <button
              type="button"
              class="btn btn-outline-secondary btn-sm"
              aria-label={`Check ${day.day}`}
              onClick={() => onCheck(day)}
            >
              <Icon name="check" /> <span class="is-wide-word">Check</span>
            </button>
          )}
          {may('admin') && (
            <button
              type="button"
              class="btn btn-outline-secondary btn-sm"
              aria-label={`Prune ${day.day}`}
              title={isToday ? "Today's flows are still being written" : 'Remove this day for good'}
              disabled={isToday}
              onClick={() => onPrune(day)}
            >
              <Icon name="trash" />
            </button>
          )}
        </div>
      </td>
    </tr>
  )
}

function DayState({ day, isToday }: { readonly day: Day; readonly isToday: boolean }) {
  if (isToday) return <Badge tone="note">today</Badge>
  return day.closed ? <Badge tone="good">closed</Badge> : <Badge>open</Badge>
}
