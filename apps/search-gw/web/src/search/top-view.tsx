import type { FILTER_FIELDS, FlowTop, ReplyOf } from '@netbehave/schema/api'
import { get } from '../api/ask.ts'
import { useAsk } from '../api/use-ask.ts'
import { bytes, count, share, shortNumber } from '../format/numbers.ts'
import { protocolName } from '../format/protocols.ts'
import { changeQuery, place } from '../router/place.ts'
import { ScrollBox } from '../ui/scroll-box.tsx'
import { Empty, Failed, Fault, Waiting } from '../ui/states.tsx'
import type { Asking } from './search-page.tsx'

type Fields = ReplyOf<typeof FILTER_FIELDS>
const ORDERS = ['bytes', 'packets', 'flows'] as const
const LIMITS = [10, 25, 50, 100, 500]
/** Every flow has it; names, assets and holders may not be there yet. */
const DEFAULT_FIELD = 'src.ip'
/** Until the list is there, and first in it. */
const USUAL = [
  'dst.org',
  'dst.name',
  'src.asset',
  'src.ip',
  'dst.ip',
  'service',
  'dst.port',
  'protocol',
  'src.net',
  'rule',
]

export function TopView({ filter, span, turn, ask, onValue }: Asking) {
  const { query } = place.value
  const [first = DEFAULT_FIELD, second = ''] = (query.get('by') || DEFAULT_FIELD).split(',')
  const order = ORDERS.find((name) => name === query.get('order')) ?? 'bytes'
  const limit = LIMITS.find((value) => String(value) === query.get('limit')) ?? 25
  const asked = { q: filter, from: span.fromMs, to: span.toMs, by: second ? `${first},${second}` : first, order, limit }
  const fields = useAsk('fields', (signal) => get<Fields>('filter/fields', {}, signal))
  const top = useAsk(JSON.stringify([asked, turn]), (signal) => ask<FlowTop>('flows/top', asked, signal))
  const names = (fields.answer?.fields ?? []).filter(({ either }) => !either).map(({ name }) => name)
  const others = names.filter((name) => !USUAL.includes(name))

  const options = (
    <>
      {USUAL.map((name) => (
        <option key={name}>{name}</option>
      ))}
      {others.map((name) => (
        <option key={name}>{name}</option>
      ))}
    </>
  )
  return (
    <div class="search-scroll">
      <div class="tool-bar">
        <label>
          By{' '}
          <select
            class="form-select form-select-sm"
            value={first}
            onChange={(event) => changeQuery({ by: [event.currentTarget.value, second].filter(Boolean).join(',') })}
          >
            {options}
          </select>
        </label>
        <label>
          and{' '}
          <select
            class="form-select form-select-sm"
            value={second}
            onChange={(event) => changeQuery({ by: [first, event.currentTarget.value].filter(Boolean).join(',') })}
          >
            <option value="">–</option>
            {options}
          </select>
        </label>
        <label>
          largest{' '}
          <select
            class="form-select form-select-sm"
            value={order}
            onChange={(event) => changeQuery({ order: event.currentTarget.value })}
          >
            {ORDERS.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label>
          <span class="visually-hidden">How many</span>
          <select
            class="form-select form-select-sm"
            value={String(limit)}
            onChange={(event) => changeQuery({ limit: event.currentTarget.value })}
          >
            {LIMITS.map((value) => (
              <option key={value}>{value}</option>
            ))}
          </select>
        </label>
        {top.answer && <span class="quiet">of {count(top.answer.values)} different values</span>}
      </div>
      {top.problem && top.answer && <Fault problem={top.problem} again={top.again} />}
      {top.answer ? (
        top.answer.rows.length === 0 ? (
          <Empty icon="chart" title="No flow in this span">
            <p>Nothing between these two moments matches. Take a longer time, or fewer conditions.</p>
          </Empty>
        ) : (
          <TopTable top={top.answer} order={order} onValue={onValue} isOld={top.isWaiting} />
        )
      ) : top.problem ? (
        <Failed problem={top.problem} again={top.again} />
      ) : (
        <Waiting what="the largest values" />
      )}
    </div>
  )
}

interface TopTableProps {
  readonly top: FlowTop
  readonly order: (typeof ORDERS)[number]
  readonly onValue: Asking['onValue']
  readonly isOld: boolean
}

function TopTable({ top, order, onValue, isOld }: TopTableProps) {
  const most = top.rows[0]?.[order] ?? 0
  return (
    <ScrollBox label="Top" class={isOld ? 'table-box is-old' : 'table-box'}>
      <table class="table table-hover top-table">
        <thead>
          <tr>
            {top.fields.map((field) => (
              <th key={field}>{field}</th>
            ))}
            <th class="bar-cell">Share of {order}</th>
            <th class="number">Bytes</th>
            <th class="number">Packets</th>
            <th class="number">Flows</th>
          </tr>
        </thead>
        <tbody>
          {top.rows.map((row) => (
            <tr key={row.values.join('\n')}>
              {row.values.map((value, i) => {
                const field = top.fields[i]!
                return (
                  <td key={field}>
                    <button
                      type="button"
                      class="value-button"
                      title="Click: only these. Alt and click: without these"
                      onClick={(event) => onValue(field, value, event.altKey)}
                    >
                      {value === null || value === '' ? <i class="quiet">none</i> : shown(field, value)}
                    </button>
                  </td>
                )
              })}
              <td class="bar-cell">
                <span class="bar">
                  <i style={{ width: `${most > 0 ? (row[order] / most) * 100 : 0}%` }} />
                </span>
                <span>{share(row[order], top.total[order])}</span>
              </td>
              <td class="number" title={count(row.bytes)}>
                {bytes(row.bytes)}
              </td>
              <td class="number" title={count(row.packets)}>
                {shortNumber(row.packets)}
              </td>
              <td class="number">{count(row.flows)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  )
}

const shown = (field: string, value: string | number): string =>
  field === 'protocol' && typeof value === 'number' ? protocolName(value) : String(value)
