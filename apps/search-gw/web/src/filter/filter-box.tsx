// The filter box: an ARIA combobox over the filter language. Enter applies; what is wrong is underlined and told below.
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { Icon } from '../ui/icon.tsx'
import { sentence } from '../ui/states.tsx'
import { CompletionPopup } from './completion-popup.tsx'
import { FilterHelp } from './filter-help.tsx'
import type { Verdict } from './language.ts'
import { type CompletionItem, useCompletions } from './use-completions.ts'
import { useLanguage } from './use-language.ts'

export interface FilterFault {
  readonly from: number
  readonly to: number
  readonly message: string
  readonly expected: readonly string[]
}

interface FilterBoxProps {
  /** The filter that is applied. */
  readonly value: string
  readonly onApply: (filter: string) => void
  /** What the gateway said of it. */
  readonly fault?: FilterFault | undefined
}

/** Error marks wait for a pause, so that nobody is told off in the middle of a word. */
const JUDGE_MS = 500

export function FilterBox({ value, onApply, fault }: FilterBoxProps) {
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const mirror = useRef<HTMLDivElement>(null)
  const language = useLanguage()
  const [text, setText] = useState(value)
  const [caret, setCaret] = useState<number | null>(null)
  const [chosen, setChosen] = useState(-1)
  const [verdict, setVerdict] = useState<Verdict>()
  const list = useCompletions(text, caret)
  const isOpen = caret !== null && list.items.length > 0

  useEffect(() => {
    setText(value)
    setCaret(null)
  }, [value])

  useEffect(() => {
    if (!language) return
    const next = language.judge(text)
    if (next.isFilter || text === value) {
      setVerdict(next)
      return
    }
    const timer = setTimeout(() => setVerdict(next), JUDGE_MS)
    return () => clearTimeout(timer)
  }, [language, text, value])

  const wrong: FilterFault | undefined =
    verdict && !verdict.isFilter ? verdict : fault && text === value && !verdict?.isFilter ? fault : undefined

  function edit(next: string, at: number): void {
    setText(next)
    setChosen(-1)
    setCaret(at)
    if (verdict && !verdict.isFilter) setVerdict(undefined)
  }

  function take(item: CompletionItem): void {
    const element = input.current!
    const rest = text.slice(list.to)
    const space = item.kind === 'value' || rest.startsWith(' ') ? '' : ' '
    const next = `${text.slice(0, list.from)}${item.text}${space}${rest}`
    const at = list.from + item.text.length + (space || rest.startsWith(' ') ? 1 : 0)
    setText(next)
    setChosen(-1)
    setCaret(item.kind === 'value' ? null : at)
    requestAnimationFrame(() => {
      element.focus()
      element.setSelectionRange(at, at)
    })
  }

  function apply(): void {
    setCaret(null)
    if (language) {
      const next = language.judge(text)
      setVerdict(next)
      if (!next.isFilter) {
        input.current?.setSelectionRange(next.from, next.to)
        return
      }
    }
    onApply(text.trim())
  }

  function onKeyDown(event: KeyboardEvent): void {
    const { key } = event
    if (key === 'ArrowDown' || key === 'ArrowUp') {
      event.preventDefault()
      if (!isOpen) {
        setCaret(input.current!.selectionStart)
        return
      }
      const step = key === 'ArrowDown' ? 1 : -1
      const count = list.items.length
      setChosen(chosen === -1 && step === -1 ? count - 1 : (chosen + step + count) % count)
    } else if (key === 'Enter') {
      event.preventDefault()
      const item = isOpen ? list.items[chosen] : undefined
      if (item) take(item)
      else apply()
    } else if (key === 'Tab' && isOpen && chosen >= 0) {
      event.preventDefault()
      take(list.items[chosen]!)
    } else if (key === 'Escape') {
      if (isOpen) {
        event.preventDefault()
        setCaret(null)
      } else if (text !== value) setText(value)
    }
  }

  return (
    <div class="filter-box">
      <div class={wrong ? 'filter-line is-wrong' : 'filter-line'}>
        <Icon name="search" />
        <label class="visually-hidden" for={id}>
          Filter
        </label>
        <div class="filter-field">
          <div class="filter-mirror" aria-hidden="true" ref={mirror}>
            {wrong ? <Marked text={text} fault={wrong} /> : null}
          </div>
          <input
            ref={input}
            id={id}
            class="filter-input"
            role="combobox"
            type="text"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            maxLength={4096}
            placeholder="Everything. Try dst.port = 443, name ~ example, not src.net = internal"
            value={text}
            aria-expanded={isOpen}
            aria-controls={`${id}-list`}
            aria-autocomplete="list"
            aria-activedescendant={isOpen && chosen >= 0 ? `${id}-${chosen}` : undefined}
            aria-invalid={wrong ? true : undefined}
            aria-describedby={`${id}-says`}
            onInput={(event) => edit(event.currentTarget.value, event.currentTarget.selectionStart ?? 0)}
            onKeyDown={onKeyDown}
            onClick={(event) => setCaret(event.currentTarget.selectionStart)}
            onBlur={() => setCaret(null)}
            onScroll={(event) => {
              if (mirror.current) mirror.current.scrollLeft = event.currentTarget.scrollLeft
            }}
          />
          <CompletionPopup id={id} list={isOpen ? list.items : []} chosen={chosen} onTake={take} />
        </div>
        {text !== '' && (
          <button
            type="button"
            class="btn btn-icon"
            aria-label="Clear the filter"
            onClick={() => {
              setText('')
              onApply('')
              input.current?.focus()
            }}
          >
            <Icon name="close" />
          </button>
        )}
        <FilterHelp />
        <button type="button" class="btn btn-primary btn-sm" disabled={text.trim() === value} onClick={apply}>
          Apply
        </button>
      </div>
      <p id={`${id}-says`} class={wrong ? 'filter-says wrong' : 'filter-says'}>
        {wrong ? describe(wrong) : says(verdict)}
      </p>
    </div>
  )
}

/** The same text as in the input, with a wavy line under what is wrong. */
function Marked({ text, fault: { from, to } }: { text: string; fault: FilterFault }) {
  const end = Math.max(to, from + 1)
  return (
    <>
      {text.slice(0, from)}
      <mark>{text.slice(from, end) || ' '}</mark>
      {text.slice(end)}
    </>
  )
}

function describe({ message, expected }: FilterFault): string {
  const some = expected.slice(0, 8).join('  ')
  return `${sentence(message)}${some && !message.includes('did you mean') ? ` Here could stand: ${some}${expected.length > 8 ? ' …' : ''}` : ''}`
}

function says(verdict: Verdict | undefined): string {
  if (!verdict?.isFilter) return ' '
  return [sentence(verdict.meaning), ...verdict.hints.map(sentence)].join(' ')
}
