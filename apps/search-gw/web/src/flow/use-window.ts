// Which rows of a long list are near the window: only they are in the document.
import { useLayoutEffect, useState } from 'preact/hooks'

export interface RowWindow {
  readonly first: number
  /** One after the last. */
  readonly end: number
  /** Width of the list. */
  readonly widthPx: number
}

/** Rows before and after those that are seen. */
const OVERSCAN = 6
/** What a list has before it was measured. */
const FIRST_HEIGHT_PX = 800

export function useWindow(
  scroller: { readonly current: HTMLElement | null },
  count: number,
  rowPx: (widthPx: number) => number,
): RowWindow & { rowHeightPx: number } {
  const [size, setSize] = useState({ top: 0, height: FIRST_HEIGHT_PX, width: 1000 })

  useLayoutEffect(() => {
    const element = scroller.current
    if (!element) return
    let frame = 0
    const measure = (): void => {
      frame = 0
      setSize((before) => {
        const next = { top: element.scrollTop, height: element.clientHeight, width: element.clientWidth }
        return before.top === next.top && before.height === next.height && before.width === next.width ? before : next
      })
    }
    const soon = (): void => {
      frame ||= requestAnimationFrame(measure)
    }
    measure()
    const observer = new ResizeObserver(soon)
    observer.observe(element)
    element.addEventListener('scroll', soon, { passive: true })
    return () => {
      cancelAnimationFrame(frame)
      observer.disconnect()
      element.removeEventListener('scroll', soon)
    }
  }, [scroller])

  const rowHeightPx = rowPx(size.width)
  const first = Math.max(0, Math.min(Math.floor(size.top / rowHeightPx) - OVERSCAN, count))
  const end = Math.min(count, Math.ceil((size.top + size.height) / rowHeightPx) + OVERSCAN)
  return { first, end: Math.max(end, first), widthPx: size.width, rowHeightPx }
}
