import type { ExporterState } from '@netbehave/schema/api'
import { count, perSecond } from '../format/numbers.ts'
import { duration } from '../format/times.ts'
import { Link } from '../router/link.tsx'
import { pathWith } from '../router/place.ts'
import { Badge } from '../ui/badge.tsx'
import { ScrollBox } from '../ui/scroll-box.tsx'
import { Empty } from '../ui/states.tsx'
import { Time } from '../ui/time.tsx'

export const versionName = (version: number): string => (version === 10 ? 'IPFIX' : `v${version}`)

interface ExporterTableProps {
  readonly exporters: readonly ExporterState[]
  readonly nowMs: number
}

/** Every exporter and observation domain, as its collector sees it. */
export function ExporterTable({ exporters, nowMs }: ExporterTableProps) {
  if (exporters.length === 0) {
    return (
      <div class="card">
        <Empty icon="flag" title="No exporter has sent anything yet">
          <p>
            <Link to="/first-run">First run</Link> shows how to point a router here.
          </p>
        </Empty>
      </div>
    )
  }
  return (
    <ScrollBox label="Exporters">
      <table class="table table-hover">
        <thead>
          <tr>
            <th>Exporter</th>
            <th class="is-wide-only">Version</th>
            <th class="number is-wide-only">Datagrams</th>
            <th class="number">Flows/s</th>
            <th>Last seen</th>
            <th class="number is-wide-only">Templates</th>
            <th class="number">Lost</th>
            <th class="number is-wide-only">Sampling</th>
            <th class="number is-wide-only">Clock</th>
            <th>State</th>
          </tr>
        </thead>
        <tbody>
          {exporters.map((exporter) => (
            <Row
              key={`${exporter.site} ${exporter.collector} ${exporter.ip} ${exporter.domain}`}
              exporter={exporter}
              nowMs={nowMs}
            />
          ))}
        </tbody>
      </table>
    </ScrollBox>
  )
}

function Row({ exporter, nowMs }: { exporter: ExporterState; nowMs: number }) {
  const isNew = nowMs - exporter.firstSeenMs < 10_000
  const worst = exporter.findings[0]
  return (
    <tr>
      <th scope="row">
        <Link to={pathWith('/health', { exporter: exporter.ip })}>{exporter.ip}</Link>
        {exporter.domain > 0 && <span class="quiet"> domain {exporter.domain}</span>}
        <span class="quiet"> · {exporter.site}</span>
      </th>
      <td class="is-wide-only">{versionName(exporter.version)}</td>
      <td class="number is-wide-only">{count(exporter.datagrams)}</td>
      <td class="number" title={`${count(exporter.flows)} flows so far`}>
        {perSecond(exporter.flowsPerSecond)}
      </td>
      <td>
        <Time ms={exporter.lastSeenMs} as="ago" />
      </td>
      <td class="number is-wide-only">
        {exporter.templates}
        {exporter.awaiting > 0 && (
          <>
            {' '}
            <Badge tone="bad">{exporter.awaiting} awaited</Badge>
          </>
        )}
      </td>
      <td class="number">
        {exporter.lossUnit === 'none' ? (
          <span class="quiet" title="Its sequence numbers do not tell">
            –
          </span>
        ) : (
          <span
            class={exporter.lost > 0 ? 'wrong' : undefined}
            title={`${exporter.lossUnit} that never came, by sequence numbers`}
          >
            {count(exporter.lost)}
          </span>
        )}
      </td>
      <td class="number is-wide-only">{exporter.sampling > 1 ? `1 in ${count(exporter.sampling)}` : 'none'}</td>
      <td class="number is-wide-only" title="Receive time minus the time in its header">
        {duration(exporter.clockSkewMs)}
      </td>
      <td>
        {worst ? (
          <Badge tone={worst.level} title={worst.sentence}>
            {worst.level === 'bad' ? 'wrong' : worst.level}
          </Badge>
        ) : exporter.silent ? (
          <Badge tone="warning">silent</Badge>
        ) : isNew ? (
          <Badge tone="note">new</Badge>
        ) : (
          <Badge tone="good">fine</Badge>
        )}
      </td>
    </tr>
  )
}
