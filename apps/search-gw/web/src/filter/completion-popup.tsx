import { useEffect, useRef } from 'preact/hooks'
import { count } from '../format/numbers.ts'
import type { CompletionItem } from './use-completions.ts'

interface CompletionPopupProps {
  /** Of the input; options are `ID-0`, `ID-1` … */
  readonly id: string
  readonly list: readonly CompletionItem[]
  readonly chosen: number
  readonly onTake: (item: CompletionItem) => void
}

/** The list under the filter box. The focus stays in the input. */
export function CompletionPopup({ id, list, chosen, onTake }: CompletionPopupProps) {
  const element = useRef<HTMLDivElement>(null)
  useEffect(() => {
    element.current?.children[chosen]?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  return (
    <div
      ref={element}
      id={`${id}-list`}
      class="completions"
      role="listbox"
      aria-label="What could stand here"
      hidden={list.length === 0}
    >
      {list.map((item, i) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the input has the keys
        // biome-ignore lint/a11y/useFocusableInteractive: the input has the focus (aria-activedescendant)
        <div
          key={`${item.kind} ${item.text}`}
          id={`${id}-${i}`}
          role="option"
          aria-selected={i === chosen}
          class={`completion-${item.kind}`}
          // Before the input loses the focus.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onTake(item)}
        >
          <code>{item.text}</code>
          <span>{item.detail}</span>
          {item.flows !== undefined && <b>{count(item.flows)}</b>}
        </div>
      ))}
    </div>
  )
}
/* completion-field completion-operator completion-value completion-keyword */
