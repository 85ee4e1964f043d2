import { useId, useRef } from 'preact/hooks'
import { forInput, full, utc } from '../format/times.ts'
import { changeQuery } from '../router/place.ts'
import { Icon } from '../ui/icon.tsx'
import { moved, PRESETS, type SpanMs, type SpanText, textOf, widened } from './span.ts'

interface TimeRangeProps {
  readonly text: SpanText
  readonly span: SpanMs
}

const go = (span: SpanMs): void => changeQuery({ ...textOf(span) })

/** Presets, two moments, and steps; the address bar holds what is chosen. */
export function TimeRange({ text, span }: TimeRangeProps) {
  const id = useId()
  const card = useRef<HTMLDivElement>(null)
  const form = useRef<HTMLFormElement>(null)
  const isPreset = text.to === 'now' && PRESETS.some(({ from }) => from === text.from)

  function submit(event: SubmitEvent): void {
    event.preventDefault()
    const fields = new FormData(form.current!)
    const fromMs = new Date(String(fields.get('from'))).getTime()
    const toMs = new Date(String(fields.get('to'))).getTime()
    card.current?.hidePopover()
    if (!Number.isNaN(fromMs) && !Number.isNaN(toMs))
      go({ fromMs: Math.min(fromMs, toMs), toMs: Math.max(fromMs, toMs) })
  }

  return (
    <>
      <fieldset class="choice" aria-label="Time">
        {PRESETS.map(({ from, label }) => (
          <button
            key={from}
            type="button"
            class="btn btn-outline-secondary btn-sm"
            aria-pressed={text.to === 'now' && text.from === from}
            onClick={() => changeQuery({ from, to: null })}
          >
            {label}
          </button>
        ))}
      </fieldset>
      <button
        type="button"
        class="btn btn-outline-secondary btn-sm"
        popovertarget={id}
        title={`${utc(span.fromMs)} to ${utc(span.toMs)} (UTC)`}
        aria-pressed={!isPreset}
      >
        <Icon name="days" />{' '}
        {isPreset ? 'From … to' : `${full(span.fromMs).slice(0, 16)} – ${full(span.toMs).slice(0, 16)}`}
      </button>
      <div id={id} popover="auto" class="card-over" ref={card}>
        <h2>From … to</h2>
        <form ref={form} class="stack" onSubmit={submit}>
          <label class="form-label" for={`${id}-from`}>
            From
          </label>
          <input
            class="form-control"
            id={`${id}-from`}
            name="from"
            type="datetime-local"
            defaultValue={forInput(span.fromMs)}
            required
          />
          <label class="form-label" for={`${id}-to`}>
            To
          </label>
          <input
            class="form-control"
            id={`${id}-to`}
            name="to"
            type="datetime-local"
            defaultValue={forInput(span.toMs)}
            required
          />
          <button type="submit" class="btn btn-primary btn-sm">
            Show
          </button>
        </form>
        <p class="quiet">In the time zone of this browser.</p>
      </div>
      <fieldset class="choice" aria-label="Move the time">
        <button
          type="button"
          class="btn btn-outline-secondary btn-sm"
          aria-label="Earlier"
          title="Earlier"
          onClick={() => go(moved(span, -1))}
        >
          ‹
        </button>
        <button
          type="button"
          class="btn btn-outline-secondary btn-sm"
          aria-label="Zoom out"
          title="Twice as long"
          onClick={() => go(widened(span))}
        >
          –
        </button>
        <button
          type="button"
          class="btn btn-outline-secondary btn-sm"
          aria-label="Later"
          title="Later"
          onClick={() => go(moved(span, 1))}
        >
          ›
        </button>
      </fieldset>
    </>
  )
}
