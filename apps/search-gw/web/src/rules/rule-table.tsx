import type { RuleState } from '@netbehave/schema/api'
import { condition } from '../filter/edit-filter.ts'
import { count } from '../format/numbers.ts'
import { Link } from '../router/link.tsx'
import { pathWith } from '../router/place.ts'
import { may } from '../session/session.ts'
import { Badge } from '../ui/badge.tsx'
import { ScrollBox } from '../ui/scroll-box.tsx'
import { Time } from '../ui/time.tsx'

/** Rules in the order in which they are asked. */
export function RuleTable({ rules }: { readonly rules: readonly RuleState[] }) {
  const hasAlerts = rules.some(({ alert }) => alert.length > 0)
  return (
    <ScrollBox label="Rules">
      <table class="table table-hover rule-table">
        <thead>
          <tr>
            <th class="number">#</th>
            <th>Rule</th>
            <th>Filter</th>
            {hasAlerts && <th class="is-wide-only">Tells</th>}
            <th class="number">Flows</th>
            <th class="is-wide-only">Newest</th>
          </tr>
        </thead>
        <tbody>
          {rules.map((rule, i) => (
            <tr key={`${rule.file} ${rule.line} ${rule.name}`}>
              <td class="number quiet">{i + 1}</td>
              <th scope="row" class="rule-name" title={`${rule.file}, line ${rule.line}`}>
                <Link to={pathWith('/search', { q: condition('rule', rule.name), from: '-24h' })}>{rule.name}</Link>
                {rule.never && (
                  <p class="never">
                    <Badge tone="warning">never matches</Badge> {rule.never}
                  </p>
                )}
              </th>
              <td>
                {rule.match === null ? (
                  <span class="quiet">too long to be told here</span>
                ) : (
                  <Link
                    class="rule-match"
                    to={pathWith('/search', { q: rule.match, from: '-1h' })}
                    title="Flows of the last hour that this filter matches, whichever rule named them"
                  >
                    <code>{rule.match}</code>
                  </Link>
                )}
              </td>
              {hasAlerts && (
                <td class="is-wide-only">
                  {rule.alert.map((channel) => (
                    <Badge key={channel} tone="note">
                      {channel}
                    </Badge>
                  ))}
                  {rule.alert.length > 0 && may('operator') && (
                    <p class="small">
                      <Link
                        to={pathWith('/alerts', { mute: 'rule', value: rule.name })}
                        aria-label={`Mute ${rule.name}`}
                      >
                        Mute
                      </Link>
                    </p>
                  )}
                </td>
              )}
              <td class="number">{rule.hits === 0 ? <span class="quiet">0</span> : count(rule.hits)}</td>
              <td class="is-wide-only">
                {rule.lastMs === null ? <span class="quiet">none yet</span> : <Time ms={rule.lastMs} />}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  )
}
