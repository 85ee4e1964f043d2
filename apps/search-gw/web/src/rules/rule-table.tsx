import type { RuleState } from '@netbehave/schema/api'
import { condition } from '../filter/edit-filter.ts'
import { count } from '../format/numbers.ts'
import { Link } from '../router/link.tsx'
import { pathWith } from '../router/place.ts'
import { Badge } from '../ui/badge.tsx'
import { ScrollBox } from '../ui/scroll-box.tsx'
import { Time } from '../ui/time.tsx'

/** Rules in the order in which they are asked. */
export function RuleTable({ rules }: { readonly rules: readonly RuleState[] }) {
  // Where the gateway cannot read the files, a column of nothing helps nobody.
  const hasFilters = rules.some(({ match }) => match !== null)
  return (
    <ScrollBox label="Rules">
      <table class="table table-hover">
        <thead>
          <tr>
            <th class="number">#</th>
            <th>Rule</th>
            {hasFilters && <th>Filter</th>}
            <th>Alerts</th>
            <th class="number">Flows</th>
            <th>Newest</th>
          </tr>
        </thead>
        <tbody>
          {rules.map((rule, i) => (
            <tr key={`${rule.file} ${rule.line}`}>
              <td class="number quiet">{i + 1}</td>
              <th scope="row" class="rule-name" title={`${rule.file}, line ${rule.line}`}>
                <Link to={pathWith('/search', { q: condition('rule', rule.name), from: '-24h' })}>{rule.name}</Link>
                {rule.never && (
                  <p class="never">
                    <Badge tone="warning">never matches</Badge> {rule.never}
                  </p>
                )}
              </th>
              {hasFilters && (
                <td>
                  {rule.match === null ? (
                    <span class="quiet">not readable here</span>
                  ) : (
                    <code class="rule-match">{rule.match}</code>
                  )}
                </td>
              )}
              <td>
                {rule.alert.map((channel) => (
                  <Badge key={channel} tone="note">
                    {channel}
                  </Badge>
                ))}
              </td>
              <td class="number">{count(rule.hits)}</td>
              <td>{rule.lastMs === null ? <span class="quiet">none yet</span> : <Time ms={rule.lastMs} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  )
}
