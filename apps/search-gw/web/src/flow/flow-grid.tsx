// A long list of flows: only the rows near the window are in the document; one stop of the Tab key, arrows move, Enter opens.
import type { Flow } from '@netbehave/schema/api'
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { day, dayBounds } from '../format/times.ts'
import type { Entry, GapEntry } from './entry.ts'
import { FlowRow } from './flow-row.tsx'
import { GapRow } from './gap-row.tsx'
import { useWindow } from './use-window.ts'

export interface FlowGridProps {
  readonly label: string
  readonly entries: readonly Entry[]
  /** A value was clicked. */
  readonly onValue: (field: string, value: string, isNot: boolean) => void
  readonly onOpen: (flow: Flow) => void
  readonly onGap?: (gap: GapEntry) => void
  /** The end stays in sight while entries are added there. */
  readonly isFollowing?: boolean
  readonly onScrollBack?: () => void
  /** The reader came to the end. */
  readonly onEnd?: () => void
  /** After the last row. */
  readonly footer?: ComponentChildren
}

/** Within a grid everything is a cell of a row. */
const ROW_GROUP = { role: 'rowgroup' } as const
const ROW = { role: 'row' } as const
const CELL = { role: 'gridcell' } as const
const NARROW_PX = 700
const ROW_PX = 27
const NARROW_ROW_PX = 50
const rowPx = (widthPx: number): number => (widthPx < NARROW_PX ? NARROW_ROW_PX : ROW_PX)
/** How near to the end is at the end. */
const END_PX = 4

export function FlowGrid(props: FlowGridProps) {
  const { label, entries, onValue, onOpen, onGap, isFollowing = false, onScrollBack, onEnd, footer } = props
  const id = useId()
  const scroller = useRef<HTMLDivElement>(null)
  const lastTop = useRef(0)
  const [activeId, setActiveId] = useState<number | null>(null)
  const { first, end, widthPx, rowHeightPx } = useWindow(scroller, entries.length, rowPx)
  const isNarrow = widthPx < NARROW_PX
  const todayText = day(Date.now())
  const [todayFromMs, todayToMs] = dayBounds(Date.now())
  const hasDays = entries.some(
    (entry) => entry.kind === 'flow' && (entry.flow.firstMs < todayFromMs || entry.flow.firstMs >= todayToMs),
  )

  // After every change of the list: the end stays in sight.
  useLayoutEffect(() => {
    const element = scroller.current!
    if (!isFollowing) return
    element.scrollTop = element.scrollHeight
    lastTop.current = element.scrollTop
  }, [entries, isFollowing, rowHeightPx])

  useEffect(() => {
    const element = scroller.current!
    const onScroll = (): void => {
      const { scrollTop, scrollHeight, clientHeight } = element
      const isAtEnd = scrollTop + clientHeight >= scrollHeight - END_PX
      const hasGoneBack = scrollTop < lastTop.current - END_PX
      lastTop.current = scrollTop
      if (isAtEnd) onEnd?.()
      else if (isFollowing && hasGoneBack) onScrollBack?.()
    }
    element.addEventListener('scroll', onScroll, { passive: true })
    return () => element.removeEventListener('scroll', onScroll)
  }, [isFollowing, onScrollBack, onEnd])

  function onClick(event: MouseEvent): void {
    const target = event.target as HTMLElement
    const value = target.closest<HTMLElement>('[data-field]')
    const row = target.closest<HTMLElement>('[data-index]')
    const entry = row && entries[Number(row.dataset.index)]
    if (!entry) return
    setActiveId(entry.id)
    if (value) {
      event.preventDefault()
      onValue(value.dataset.field!, value.dataset.value!, event.altKey)
    } else open(entry)
  }

  function open(entry: Entry): void {
    if (entry.kind === 'flow') onOpen(entry.flow)
    else onGap?.(entry)
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.target !== scroller.current || event.ctrlKey || event.metaKey || event.altKey) return
    const active = entries.findIndex((entry) => entry.id === activeId)
    if (event.key === 'Enter') {
      const entry = entries[active]
      if (entry) {
        event.preventDefault()
        open(entry)
      }
      return
    }
    const page = Math.max(1, Math.floor(scroller.current!.clientHeight / rowHeightPx) - 2)
    const to = {
      ArrowDown: active + 1,
      ArrowUp: active === -1 ? entries.length - 1 : active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: entries.length - 1,
    }[event.key]
    if (to === undefined || entries.length === 0) return
    event.preventDefault()
    const index = Math.max(0, Math.min(to, entries.length - 1))
    setActiveId(entries[index]!.id)
    reveal(scroller.current!, index, rowHeightPx)
  }

  const shown = entries.slice(first, end)
  return (
    <div class={`flow-grid ${isNarrow ? 'is-narrow' : ''} ${hasDays ? 'has-days' : ''}`}>
      {!isNarrow && <HeaderRow />}
      {/* biome-ignore lint/a11y/useSemanticElements: a table has no window of rows */}
      <div
        ref={scroller}
        class="flow-scroller"
        role="grid"
        tabIndex={0}
        aria-label={label}
        aria-rowcount={entries.length + 1}
        aria-activedescendant={
          activeId !== null && shown.some((entry) => entry.id === activeId) ? `${id}-${activeId}` : undefined
        }
        onClick={onClick}
        onKeyDown={onKeyDown}
      >
        <div class="flow-rows" {...ROW_GROUP} style={{ height: `${entries.length * rowHeightPx}px` }}>
          <div role="presentation" style={{ transform: `translateY(${first * rowHeightPx}px)` }}>
            {shown.map((entry, i) =>
              entry.kind === 'flow' ? (
                <FlowRow
                  key={entry.id}
                  id={`${id}-${entry.id}`}
                  flow={entry.flow}
                  index={first + i}
                  isActive={entry.id === activeId}
                  todayText={todayText}
                />
              ) : (
                <GapRow
                  key={entry.id}
                  id={`${id}-${entry.id}`}
                  gap={entry}
                  index={first + i}
                  isActive={entry.id === activeId}
                />
              ),
            )}
          </div>
        </div>
        {footer && (
          <div {...ROW_GROUP}>
            <div {...ROW}>
              <div {...CELL}>{footer}</div>
            </div>
          </div>
        )}
      </div>
    </div>
  )
}

/** For the eye; a screen reader has the cells' own words. */
function HeaderRow() {
  return (
    <div class="flow-row flow-head" aria-hidden="true">
      <span class="c-time">Start</span>
      <span class="c-end">Source</span>
      <span class="c-arrow" />
      <span class="c-end">Destination</span>
      <span class="c-service">Service</span>
      <span class="c-protocol">Proto</span>
      <span class="c-bytes">Bytes</span>
      <span class="c-packets">Packets</span>
      <span class="c-duration">Lasted</span>
      <span class="c-org">Holder</span>
      <span class="c-rule">Rule</span>
    </div>
  )
}

function reveal(scroller: HTMLElement, index: number, rowHeightPx: number): void {
  const top = index * rowHeightPx
  if (top < scroller.scrollTop) scroller.scrollTop = top
  else if (top + rowHeightPx > scroller.scrollTop + scroller.clientHeight)
    scroller.scrollTop = top + rowHeightPx - scroller.clientHeight
}
