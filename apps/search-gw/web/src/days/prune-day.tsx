import type { Day } from '@netbehave/schema/api'
import { useState } from 'preact/hooks'
import { ask } from '../api/ask.ts'
import { useChange } from '../api/use-change.ts'
import { bytes, count } from '../format/numbers.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Fault } from '../ui/states.tsx'

/** Asks for the name of the day, since nothing brings it back. */
export function PruneDay({ day, onClose }: { readonly day: Day; readonly onClose: (isDone: boolean) => void }) {
  const change = useChange()
  const [typed, setTyped] = useState('')
  async function prune(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    if (await change.run(() => ask('DELETE', `days/${day.day}`))) onClose(true)
  }
  return (
    <Dialog title={`Remove ${day.day}`} onClose={() => onClose(false)}>
      <form class="stack" onSubmit={(event) => void prune(event)}>
        <p>
          {count(day.flows)} flows ({bytes(day.diskBytes)}) are removed for good. Download the day first if it may be
          needed.
        </p>
        <label class="form-label" for="typed-day">
          Type {day.day} to confirm
        </label>
        <input
          class="form-control"
          id="typed-day"
          autocomplete="off"
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        {change.problem && <Fault problem={change.problem} />}
        <button type="submit" class="btn btn-outline-danger" disabled={typed !== day.day || change.isRunning}>
          {change.isRunning ? 'Removing …' : 'Remove this day'}
        </button>
      </form>
    </Dialog>
  )
}
