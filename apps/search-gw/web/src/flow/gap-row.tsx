import { countOf } from '../format/numbers.ts'
import { Icon } from '../ui/icon.tsx'
import type { GapEntry } from './entry.ts'
import { CELL, rowAt } from './flow-row.tsx'

const words = ({ flows, state, why }: GapEntry): string => {
  const missing = `${countOf(flows, 'flow')} not shown`
  switch (state) {
    case 'loading':
      return `${missing} · loading from history …`
    case 'empty':
      return `${missing} · history does not have them yet (it is written every 10 s): click again`
    case 'failed':
      return `${missing} · ${why ?? 'history did not answer'}`
    default:
      return `${missing} · click to load from history`
  }
}

export function GapRow({ id, gap, index, isActive }: { id: string; gap: GapEntry; index: number; isActive: boolean }) {
  return (
    <div id={id} class={isActive ? 'gap-row is-active' : 'gap-row'} {...rowAt(index)}>
      <span {...CELL}>
        <Icon name="note" /> {words(gap)}
      </span>
    </div>
  )
}
