import { ROUTERS } from '@netbehave/routers'
import type { FIRST_RUN, ReplyOf } from '@netbehave/schema/api'
import { get } from '../api/ask.ts'
import { useAsk } from '../api/use-ask.ts'
import { Link } from '../router/link.tsx'
import { changeQuery, place } from '../router/place.ts'
import { CopyButton } from '../ui/copy-button.tsx'
import { Icon } from '../ui/icon.tsx'
import { Page } from '../ui/page.tsx'
import { Failed, Fault, Waiting } from '../ui/states.tsx'
import './first-run.css'

type FirstRun = ReplyOf<typeof FIRST_RUN>
const REFRESH_MS = 2000
const DEFAULT_PORT = '2055'

const STEPS: readonly (readonly [keyof FirstRun['steps'], string, string, string])[] = [
  [
    'packet',
    'A datagram came',
    'The router sends to this host and port.',
    'Nothing came yet. Is the address right, does a firewall let UDP through?',
  ],
  [
    'template',
    'It can be read',
    'The router said how its records are laid out (NetFlow 5 needs no template).',
    'Routers send templates within a minute or so.',
  ],
  ['flow', 'A flow came', 'See it under Live.', 'Routers tell of a flow when it ends, or after the active timeout.'],
  [
    'name',
    'A flow has a name',
    'The log of the DNS server is read.',
    'Let dnsmasq, Pi-hole or unbound log queries, and tell NetBehave where the log is.',
  ],
  [
    'asset',
    'An asset is known',
    'Devices of the local networks appear under Assets.',
    'Assets appear with their first flow.',
  ],
]

export function FirstRunPage() {
  const { answer, problem, again } = useAsk('first-run', (signal) => get<FirstRun>('first-run', {}, signal), {
    everyMs: REFRESH_MS,
  })
  return (
    <Page title="First run" about="From nothing to a named flow.">
      {problem && answer && <Fault problem={problem} again={again} />}
      {!answer && (problem ? <Failed problem={problem} again={again} /> : <Waiting what="the first steps" />)}
      {answer && (
        <div class="first-run">
          <Steps answer={answer} />
          <div>
            <Setup answer={answer} />
            <Networks networks={answer.networks} />
          </div>
        </div>
      )}
    </Page>
  )
}

function Steps({ answer: { steps } }: { readonly answer: FirstRun }) {
  const done = STEPS.filter(([name]) => steps[name]).length
  return (
    <section class="card">
      <h2>{done === STEPS.length ? 'Everything works' : `${done} of ${STEPS.length} steps`}</h2>
      <ol class="steps" aria-live="polite">
        {STEPS.map(([name, title, yes, no]) => (
          <li key={name} class={steps[name] ? 'is-done' : undefined}>
            <span class="step-mark">
              {steps[name] && <Icon name="check" />}
              <span class="visually-hidden">{steps[name] ? 'Done:' : 'Not yet:'}</span>
            </span>
            <div>
              <b>{title}</b>
              <p>{steps[name] ? yes : no}</p>
            </div>
          </li>
        ))}
      </ol>
      <p class="small">
        {steps.flow ? <Link to="/">See flows live</Link> : <Link to="/health">See what is wrong under Health</Link>}
      </p>
    </section>
  )
}

function Setup({ answer: { addresses, ports } }: { readonly answer: FirstRun }) {
  const { query } = place.value
  const router = ROUTERS.find(({ id }) => id === query.get('router')) ?? ROUTERS[0]!
  const host = query.get('host') ?? addresses[0] ?? 'ADDRESS-OF-THIS-HOST'
  const port = portOf(ports)
  const isLocalOnly = ports.length > 0 && ports.every((address) => /^(127\.|\[?::1)/.test(address))
  const text = router.snippet(host, port)
  return (
    <section class="card">
      <h2>Point a router here</h2>
      {isLocalOnly && (
        <p class="note">
          <Icon name="note" />
          <span>
            The collector listens on {ports.join(', ')} only, so no other device reaches it.{' '}
            <code>netbehave up --listen 0.0.0.0:{DEFAULT_PORT}</code> takes flows from everywhere. The demo stays on
            this machine: end it first, and start that in its place.
          </span>
        </p>
      )}
      <div class="tool-bar">
        <label>
          Router{' '}
          <select
            class="form-select form-select-sm"
            value={router.id}
            onChange={(event) => changeQuery({ router: event.currentTarget.value }, { replace: true })}
          >
            {ROUTERS.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {addresses.length > 1 && (
          <label>
            sends to{' '}
            <select
              class="form-select form-select-sm"
              value={host}
              onChange={(event) => changeQuery({ host: event.currentTarget.value }, { replace: true })}
            >
              {addresses.map((address) => (
                <option key={address}>{address}</option>
              ))}
            </select>
          </label>
        )}
      </div>
      <p>{router.where}</p>
      <pre class="snippet" id="snippet">
        {text}
      </pre>
      <CopyButton text={text} sourceId="snippet" />
      <p class="quiet">
        What to check on it, and what goes wrong there: <Link to="/help/routers">Routers</Link> under Help.
      </p>
    </section>
  )
}

function Networks({ networks }: { readonly networks: readonly string[] }) {
  return (
    <section class="card">
      <h2>Local networks</h2>
      {networks.length === 0 ? (
        <p>No local network was found on this host's interfaces. Private addresses count as internal all the same.</p>
      ) : (
        <>
          <p>Guessed from this host's interfaces:</p>
          <p>
            {networks.map((network) => (
              <code key={network} class="tag">
                {network}
              </code>
            ))}
          </p>
        </>
      )}
      <p class="quiet">
        Name your networks (home, guest, cameras) in <code>netbehave.yaml</code>, section <code>collector</code>, key{' '}
        <code>networks</code>; then filters can say <code>src.net = guest</code>.
      </p>
    </section>
  )
}

const portOf = (ports: readonly string[]): string => /:(\d+)$/.exec(ports[0] ?? '')?.[1] ?? DEFAULT_PORT
