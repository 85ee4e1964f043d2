import type { Day, DayVerdict } from '@netbehave/schema/api'
import { useEffect, useState } from 'preact/hooks'
import { ask } from '../api/ask.ts'
import { useChange } from '../api/use-change.ts'
import { countOf } from '../format/numbers.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Icon } from '../ui/icon.tsx'
import { Fault } from '../ui/states.tsx'

/** Reads every file of a day and says whether it is as the catalogue has it. */
export function CheckDay({ day, onClose }: { readonly day: Day; readonly onClose: () => void }) {
  const change = useChange()
  const [verdict, setVerdict] = useState<DayVerdict>()
  const check = (): Promise<boolean> =>
    change.run(async () => setVerdict(await ask<DayVerdict>('POST', `days/${day.day}/verify`)))

  useEffect(() => {
    void check()
  }, [])

  return (
    <Dialog title={`Check ${day.day}`} onClose={onClose}>
      <div role="status">
        {change.isRunning && <p>Every file of the day is read and compared with the catalogue …</p>}
        {verdict?.ok && (
          <p class="good">
            <Icon name="check" /> {countOf(verdict.files, 'file')} with {countOf(verdict.flows, 'flow')} are as the
            catalogue has them.
          </p>
        )}
        {verdict && !verdict.ok && (
          <>
            <p class="wrong">
              <Icon name="bad" /> {countOf(verdict.problems.length, 'problem')} in {countOf(verdict.files, 'file')}:
            </p>
            <ul>
              {verdict.problems.map((problem) => (
                <li key={problem}>{problem}</li>
              ))}
            </ul>
          </>
        )}
      </div>
      {change.problem && <Fault problem={change.problem} again={() => void check()} />}
    </Dialog>
  )
}
