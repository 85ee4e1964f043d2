import type { DNS_QUERIES, ReplyOf } from '@netbehave/schema/api'
import { get } from '../api/ask.ts'
import { useAsk } from '../api/use-ask.ts'
import { count } from '../format/numbers.ts'
import { Link } from '../router/link.tsx'
import { pathWith } from '../router/place.ts'
import { Fault, sentence, Waiting } from '../ui/states.tsx'
import { Time } from '../ui/time.tsx'

/** The names that a device asked for last. */
export function AskedNames({ ip, site }: { readonly ip: string; readonly site: string | null }) {
  const { answer, problem, again } = useAsk(`${site} ${ip}`, (signal) =>
    get<ReplyOf<typeof DNS_QUERIES>>('dns/queries', { client: ip, site, limit: 15 }, signal),
  )
  return (
    <section class="card">
      <h2>Names it asked for</h2>
      {/* Many do without names: that is no fault. */}
      {problem?.status === 503 && <p class="quiet">{sentence(problem.detail ?? problem.title)}</p>}
      {problem && problem.status !== 503 && <Fault problem={problem} again={again} />}
      {!answer && !problem && <Waiting what="names" />}
      {answer?.queries.length === 0 && <p class="quiet">None is known.</p>}
      {answer && answer.queries.length > 0 && (
        <>
          <table class="table">
            <tbody>
              {answer.queries.map(({ name, type, lastMs, hits }) => (
                <tr key={`${name} ${type}`}>
                  <th scope="row">
                    {name} <span class="quiet">{type}</span>
                  </th>
                  <td class="number">{count(hits)} ×</td>
                  <td>
                    <Time ms={lastMs} as="ago" />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          <p class="small">
            <Link to={pathWith('/dns', { client: ip, site })}>All names of this client</Link>
          </p>
        </>
      )}
    </section>
  )
}
