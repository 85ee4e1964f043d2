import type { FlowTop } from '@netbehave/schema/api'
import { get } from '../api/ask.ts'
import { useAsk } from '../api/use-ask.ts'
import { condition } from '../filter/edit-filter.ts'
import { bytes, count, countOf } from '../format/numbers.ts'
import { Link } from '../router/link.tsx'
import { pathWith } from '../router/place.ts'
import { Fault, Waiting } from '../ui/states.tsx'

/** Peers that are compared with those of the weeks before. */
const MOST_PEERS = 1000
const SHOWN = 12

interface Peer {
  readonly ip: string
  readonly label: string
  readonly bytes: number
  readonly flows: number
}

/** With whom it talked this week, and with whom it had not in the three weeks before. */
export function Peers({ ip }: { readonly ip: string }) {
  const ask = (from: string, to: string, by: string, signal: AbortSignal): Promise<FlowTop> =>
    get<FlowTop>('flows/top', { q: condition('src.ip', ip), from, to, by, order: 'bytes', limit: MOST_PEERS }, signal)
  const week = useAsk(`week ${ip}`, (signal) => ask('-7d', 'now', 'dst.ip,dst.name', signal))
  const before = useAsk(`before ${ip}`, (signal) => ask('-28d', '-7d', 'dst.ip', signal))
  const peers = week.answer && byAddress(week.answer)
  const known = before.answer && new Set(before.answer.rows.map(({ values }) => String(values[0])))
  const isFull = (before.answer?.values ?? 0) > MOST_PEERS
  const fresh = peers && known ? peers.filter((peer) => !known.has(peer.ip)) : undefined

  return (
    <section class="card">
      <h2>Peers this week</h2>
      {week.problem && <Fault problem={week.problem} again={week.again} />}
      {!peers && !week.problem && <Waiting what="peers" />}
      {peers?.length === 0 && <p class="quiet">It began no flow in the last 7 days.</p>}
      {peers && peers.length > 0 && <PeerTable ip={ip} peers={peers.slice(0, SHOWN)} />}
      {peers && peers.length > SHOWN && (
        <p class="small">
          <Link
            to={pathWith('/search', { q: condition('src.ip', ip), from: '-7d', by: 'dst.ip,dst.name', limit: 100 })}
          >
            All {countOf(peers.length, 'peer')}
          </Link>
        </p>
      )}
      {fresh && known && (
        <>
          <h2>New peers this week</h2>
          {known.size === 0 ? (
            <p class="quiet">There are no flows of the three weeks before to compare with.</p>
          ) : fresh.length === 0 ? (
            <p class="quiet">None: it talked with all of them in the three weeks before.</p>
          ) : (
            <PeerTable ip={ip} peers={fresh.slice(0, SHOWN)} />
          )}
          {isFull && (
            <p class="quiet small">Compared with the {count(MOST_PEERS)} largest peers of the three weeks before.</p>
          )}
        </>
      )}
    </section>
  )
}

/** One row an address: the name with the most bytes stands for it. */
function byAddress(top: FlowTop): Peer[] {
  const peers = new Map<string, Peer>()
  for (const { values, bytes: size, flows } of top.rows) {
    const ip = String(values[0])
    const peer = peers.get(ip)
    const label = peer?.label || (values[1] === null ? '' : String(values[1]))
    peers.set(ip, { ip, label, bytes: (peer?.bytes ?? 0) + size, flows: (peer?.flows ?? 0) + flows })
  }
  return [...peers.values()].sort((a, b) => b.bytes - a.bytes)
}

function PeerTable({ ip, peers }: { readonly ip: string; readonly peers: readonly Peer[] }) {
  return (
    <table class="table">
      <tbody>
        {peers.map((peer) => (
          <tr key={peer.ip}>
            <th scope="row">
              <Link
                to={pathWith('/search', { q: `${condition('ip', ip)} and ${condition('ip', peer.ip)}`, from: '-7d' })}
              >
                {peer.label || peer.ip}
              </Link>
              {peer.label && <span class="quiet"> {peer.ip}</span>}
            </th>
            <td class="number">{bytes(peer.bytes)}</td>
            <td class="number">{countOf(peer.flows, 'flow')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
