import type { Flow } from '@netbehave/schema/api'
import { bytes, shortNumber } from '../format/numbers.ts'
import { isIcmp, protocolName } from '../format/protocols.ts'
import { clock, day, duration, utc } from '../format/times.ts'
import { serviceOf } from './flow-field.ts'

/** Rows and cells of a grid that has the focus itself (aria-activedescendant); a table could not show a window of its rows. */
export const rowAt = (index: number) => ({ role: 'row', 'aria-rowindex': index + 2, 'data-index': index }) as const
export const CELL = { role: 'gridcell' } as const

interface FlowRowProps {
  readonly id: string
  readonly flow: Flow
  readonly index: number
  readonly isActive: boolean
  readonly todayText: string
}

/** One line; a value carries the condition that a click adds. Memoised by its caller through the key. */
export function FlowRow({ id, flow, index, isActive, todayText }: FlowRowProps) {
  const isToday = day(flow.firstMs) === todayText
  const holder = flow.dstOrg ?? flow.srcOrg
  return (
    <div id={id} class={isActive ? 'flow-row is-active' : 'flow-row'} {...rowAt(index)}>
      <span {...CELL} class="c-time">
        <time dateTime={utc(flow.firstMs)} title={`${utc(flow.firstMs)} (UTC)`}>
          {isToday ? clock(flow.firstMs) : `${day(flow.firstMs).slice(5)} ${clock(flow.firstMs)}`}
        </time>
      </span>
      <Endpoint which="src" flow={flow} />
      <span {...CELL} class="c-arrow">
        <span class="visually-hidden">to</span>
        <span aria-hidden="true">→</span>
      </span>
      <Endpoint which="dst" flow={flow} />
      <span {...CELL} class="c-service">
        {flow.service && !isIcmp(flow.protocol) ? (
          <Value field="service" value={flow.service} />
        ) : (
          <span class="quiet">{serviceOf(flow)}</span>
        )}
      </span>
      <span {...CELL} class="c-protocol">
        <Value field="protocol" value={protocolName(flow.protocol)} />
      </span>
      <span {...CELL} class="c-bytes">
        {bytes(flow.bytes)}
      </span>
      <span {...CELL} class="c-packets">
        {shortNumber(flow.packets)} <small>p</small>
      </span>
      <span {...CELL} class="c-duration">
        {duration(flow.lastMs - flow.firstMs)}
      </span>
      <span {...CELL} class="c-org">
        {holder && <Value field={flow.dstOrg ? 'dst.org' : 'src.org'} value={holder} />}
      </span>
      <span {...CELL} class="c-rule">
        {flow.rule && <Value field="rule" value={flow.rule} />}
      </span>
    </div>
  )
}

function Endpoint({ which, flow }: { which: 'src' | 'dst'; flow: Flow }) {
  const asset = flow[`${which}Asset`]
  const name = flow[`${which}Name`]
  const ip = flow[`${which}Ip`]
  const port = flow[`${which}Port`]
  const isLoose = !asset && name !== undefined && flow[`${which}NameHow`] === 2
  return (
    <span {...CELL} class={`c-end c-${which}`}>
      {asset ? (
        <Value field={`${which}.asset`} value={asset} kind="asset" />
      ) : name ? (
        <Value field={`${which}.name`} value={name} kind={isLoose ? 'name is-loose' : 'name'} />
      ) : null}
      <Value field={`${which}.ip`} value={ip} kind={asset || name ? 'ip is-second' : 'ip'} />
      {port !== 0 && !isIcmp(flow.protocol) && (
        <span class="port">
          :<Value field={`${which}.port`} value={String(port)} />
        </span>
      )}
    </span>
  )
}

/** Clicks are heard by the list. */
function Value({ field, value, kind = '' }: { field: string; value: string; kind?: string }) {
  return (
    <span class={`value ${kind}`} data-field={field} data-value={value} title={`${field} = ${value}`}>
      {value}
    </span>
  )
}
/* c-src c-dst */
