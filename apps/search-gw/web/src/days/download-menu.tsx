import type { DAY_FORMATS } from '@netbehave/schema/api'
import { useId, useRef } from 'preact/hooks'
import { apiAddress } from '../api/ask.ts'
import { Icon } from '../ui/icon.tsx'

type Format = (typeof DAY_FORMATS)[number]
const FORMATS: readonly (readonly [Format, string, string])[] = [
  ['sqlite', 'SQLite', 'one database with the table flow'],
  ['parquet', 'Parquet', 'for DuckDB, pandas, Spark'],
  ['csv', 'CSV', 'for a spreadsheet'],
  ['ndjson', 'NDJSON', 'one flow a line'],
]

export function DownloadMenu({ day }: { readonly day: string }) {
  const id = useId()
  const menu = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)

  // Under its button: CSS anchors are not in every browser yet.
  function place(): void {
    const { bottom, right } = button.current!.getBoundingClientRect()
    const element = menu.current!
    const { offsetWidth, offsetHeight } = element
    element.style.left = `${Math.max(8, right - offsetWidth)}px`
    element.style.top = `${Math.max(8, Math.min(bottom + 4, innerHeight - offsetHeight - 8))}px`
  }
  return (
    <>
      <button
        ref={button}
        type="button"
        class="btn btn-outline-secondary btn-sm"
        popovertarget={id}
        aria-label={`Download ${day}`}
      >
        <Icon name="download" /> <span class="is-wide-word">Download</span>
      </button>
      <div
        id={id}
        ref={menu}
        popover="auto"
        class="menu-over"
        onToggle={(event) => event.newState === 'open' && place()}
      >
        {FORMATS.map(([format, label, what]) => (
          <a
            key={format}
            href={apiAddress(`days/${day}/download`, { format })}
            download
            onClick={() => menu.current?.hidePopover()}
          >
            {label} <small>{what}</small>
          </a>
        ))}
      </div>
    </>
  )
}
