import type { EXPORTER, ReplyOf } from '@netbehave/schema/api'
import { get } from '../api/ask.ts'
import { useAsk } from '../api/use-ask.ts'
import { bytes, count, countOf } from '../format/numbers.ts'
import { duration } from '../format/times.ts'
import { Link } from '../router/link.tsx'
import { changeQuery, pathWith } from '../router/place.ts'
import { Badge } from '../ui/badge.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Icon } from '../ui/icon.tsx'
import { Failed, Waiting } from '../ui/states.tsx'
import { Time } from '../ui/time.tsx'
import { versionName } from './exporter-table.tsx'
import { Findings } from './findings.tsx'

type Exporter = ReplyOf<typeof EXPORTER>
type Domain = Exporter['domains'][number]

export function ExporterDrawer({ ip }: { readonly ip: string }) {
  const { answer, problem, again } = useAsk(
    ip,
    (signal) => get<Exporter>(`exporters/${encodeURIComponent(ip)}`, {}, signal),
    {
      everyMs: 5000,
    },
  )
  return (
    <Dialog title={`Exporter ${ip}`} isDrawer onClose={() => changeQuery({ exporter: null })}>
      <div class="drawer-actions">
        <Link class="btn btn-outline-secondary btn-sm" to={pathWith('/', { q: `exporter = ${ip}` })}>
          <Icon name="live" /> Its flows, live
        </Link>
        <Link class="btn btn-outline-secondary btn-sm" to={pathWith('/search', { q: `exporter = ${ip}` })}>
          <Icon name="search" /> Its flows, history
        </Link>
      </div>
      {!answer && (problem ? <Failed problem={problem} again={again} /> : <Waiting what="the exporter" />)}
      {answer && answer.findings.length > 0 && <Findings findings={answer.findings} />}
      {answer?.domains.map((domain) => (
        <DomainPart key={`${domain.site} ${domain.collector} ${domain.domain}`} domain={domain} />
      ))}
    </Dialog>
  )
}

function DomainPart({ domain }: { readonly domain: Domain }) {
  const problems = Object.entries(domain.problems).filter(([, times]) => times > 0)
  const rows: readonly (readonly [string, string])[] = [
    ['Version', versionName(domain.version)],
    ['Collector', `${domain.collector} at ${domain.site}`],
    ['Datagrams', count(domain.datagrams)],
    ['Flows', count(domain.flows)],
    ['Options records', count(domain.optionsRecords)],
    ['Lost', domain.lossUnit === 'none' ? 'not told' : `${count(domain.lost)} ${domain.lossUnit}`],
    ['Out of order', count(domain.reordered)],
    ['Restarts', count(domain.restarts)],
    ['Sampling', domain.sampling > 1 ? `1 in ${count(domain.sampling)}` : 'none'],
    ['Clock is behind by', duration(domain.clockSkewMs)],
  ]
  return (
    <section>
      <h3>Observation domain {domain.domain}</h3>
      <dl class="fields">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        <div>
          <dt>Seen</dt>
          <dd>
            <span>
              <Time ms={domain.firstSeenMs} /> – <Time ms={domain.lastSeenMs} />
            </span>
          </dd>
        </div>
        {problems.map(([name, times]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class="wrong">{count(times)}</dd>
          </div>
        ))}
      </dl>
      {domain.awaiting.length > 0 && (
        <>
          <h3>Awaited templates</h3>
          <ul class="plain-list">
            {domain.awaiting.map(({ id, sinceMs, heldBytes, droppedSets }) => (
              <li key={id}>
                <Badge tone="bad">{id}</Badge> since <Time ms={sinceMs} />, {bytes(heldBytes)} held
                {droppedSets > 0 && `, ${countOf(droppedSets, 'set')} given up`}
              </li>
            ))}
          </ul>
        </>
      )}
      {domain.templates.length > 0 && (
        <>
          <h3>Templates</h3>
          <table class="table">
            <thead>
              <tr>
                <th>Id</th>
                <th>Kind</th>
                <th class="number">Fields</th>
                <th class="number">Record</th>
                <th>Last sent</th>
              </tr>
            </thead>
            <tbody>
              {domain.templates.map(({ id, kind, fields, recordBytes, lastSeenMs }) => (
                <tr key={id}>
                  <th scope="row">{id}</th>
                  <td>{kind}</td>
                  <td class="number">{fields}</td>
                  <td class="number">{recordBytes === null ? 'variable' : `${recordBytes} B`}</td>
                  <td>
                    <Time ms={lastSeenMs} as="ago" />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </section>
  )
}
