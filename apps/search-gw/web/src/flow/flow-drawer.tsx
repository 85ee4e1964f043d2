import type { Flow } from '@netbehave/schema/api'
import { condition } from '../filter/edit-filter.ts'
import { isIcmp, protocolName } from '../format/protocols.ts'
import { duration, full, utc } from '../format/times.ts'
import { Link } from '../router/link.tsx'
import { pathWith } from '../router/place.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Icon } from '../ui/icon.tsx'
import { FLOW_FIELDS, type FlowField, textOf } from './flow-field.ts'

interface FlowDrawerProps {
  readonly flow: Flow
  readonly onClose: () => void
  readonly onValue: (field: string, value: string, isNot: boolean) => void
}

/** Every field of one flow, and where to go from it. */
export function FlowDrawer({ flow, onClose, onValue }: FlowDrawerProps) {
  const title = `${labelOf(flow, 'src')} → ${labelOf(flow, 'dst')}`
  const pair = `${condition('ip', flow.srcIp)} and ${condition('ip', flow.dstIp)}`
  return (
    <Dialog title={title} onClose={onClose} isDrawer>
      <div class="drawer-actions">
        <Link class="btn btn-outline-secondary btn-sm" to={pathWith('/search', { q: pair, from: '-7d' })}>
          <Icon name="search" /> History of this pair
        </Link>
        <Link
          class="btn btn-outline-secondary btn-sm"
          to={pathWith('/rules', { draft: ruleDraft(flow), name: ruleName(flow) })}
        >
          <Icon name="rules" /> Make a rule of this
        </Link>
      </div>
      <section>
        <h3>When</h3>
        <dl class="fields">
          <div>
            <dt>Start</dt>
            <dd>
              <time dateTime={utc(flow.firstMs)} title={`${utc(flow.firstMs)} (UTC)`}>
                {full(flow.firstMs)}
              </time>
            </dd>
          </div>
          <div>
            <dt>End</dt>
            <dd>
              <time dateTime={utc(flow.lastMs)} title={`${utc(flow.lastMs)} (UTC)`}>
                {full(flow.lastMs)}
              </time>
            </dd>
          </div>
          <div>
            <dt>Lasted</dt>
            <dd>{duration(flow.lastMs - flow.firstMs)}</dd>
          </div>
        </dl>
      </section>
      {FLOW_FIELDS.map(({ title: heading, fields }) => {
        const present = fields.filter((field) => textOf(field, flow) !== undefined)
        return present.length === 0 ? null : (
          <section key={heading}>
            <h3>{heading}</h3>
            <dl class="fields">
              {present.map((field) => (
                <Field key={field.member} field={field} flow={flow} onValue={onValue} />
              ))}
            </dl>
          </section>
        )
      })}
      <p class="quiet small">
        <Icon name="check" /> shows only flows with this value, <Icon name="close" /> those without it.
      </p>
    </Dialog>
  )
}

interface FieldProps {
  readonly field: FlowField
  readonly flow: Flow
  readonly onValue: FlowDrawerProps['onValue']
}

function Field({ field, flow, onValue }: FieldProps) {
  const text = textOf(field, flow) ?? ''
  const name = field.field
  const asset = /^(src|dst)Ip$/.test(field.member) && flow[field.member === 'srcIp' ? 'srcAsset' : 'dstAsset']
  const value = field.asked ? field.asked(flow[field.member] as never) : String(flow[field.member])
  return (
    <div>
      <dt>{field.label}</dt>
      <dd>
        {asset ? <Link to={pathWith('/assets', { ip: text, site: flow.site })}>{text}</Link> : text}
        {name && (
          <span class="field-buttons">
            <button
              type="button"
              class="btn btn-icon"
              aria-label={`Only ${name} = ${text}`}
              title={`and ${condition(name, value)}`}
              onClick={() => onValue(name, value, false)}
            >
              <Icon name="check" />
            </button>
            <button
              type="button"
              class="btn btn-icon"
              aria-label={`Without ${name} = ${text}`}
              title={`and not ${condition(name, value)}`}
              onClick={() => onValue(name, value, true)}
            >
              <Icon name="close" />
            </button>
          </span>
        )}
      </dd>
    </div>
  )
}

const labelOf = (flow: Flow, which: 'src' | 'dst'): string =>
  flow[`${which}Asset`] ?? flow[`${which}Name`] ?? flow[`${which}Ip`]

/** `Anna's laptop to shop.example: https`. */
function ruleName(flow: Flow): string {
  const { service = isIcmp(flow.protocol) ? protocolName(flow.protocol) : `port ${flow.dstPort}` } = flow
  return `${labelOf(flow, 'src')} to ${labelOf(flow, 'dst')}: ${service}`
}

/** The filter of a rule that names this flow and its like. */
export function ruleDraft(flow: Flow): string {
  const terms = [condition('src.ip', flow.srcIp)]
  terms.push(flow.dstName ? condition('dst.name', flow.dstName) : condition('dst.ip', flow.dstIp))
  if (flow.service) terms.push(condition('service', flow.service))
  else if (flow.dstPort !== 0) terms.push(condition('dst.port', flow.dstPort))
  return terms.join(' and ')
}
