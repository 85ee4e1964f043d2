import { useId } from 'preact/hooks'
import { Link } from '../router/link.tsx'
import { Icon } from '../ui/icon.tsx'

const EXAMPLES: readonly (readonly [string, string])[] = [
  ['dst.port = 443', 'to port 443; also dst.port = https'],
  ['ip = 192.168.1.0/24', 'either side within the block'],
  ['name ~ example', 'a name contains it; case does not count'],
  ['dst.name = *.example.com', '* stands for anything'],
  ['src.net = internal dst.net = external', 'a space is and'],
  ['dst.port in (22, 3389, 5900)', 'one of them'],
  ['bytes > 10M and duration < 1m', 'units: k M G, Ki Mi Gi, s m h'],
  ['not dst.name exists', 'without a name'],
  ['printer', 'a bare word: names, assets, holders, services, rules'],
]

/** The language on one card. */
export function FilterHelp() {
  const id = useId()
  return (
    <>
      <button type="button" class="btn btn-icon" popovertarget={id} aria-label="How to write a filter">
        <Icon name="help" />
      </button>
      <div id={id} popover="auto" class="card-over">
        <h2>How to write a filter</h2>
        <dl class="examples">
          {EXAMPLES.map(([text, meaning]) => (
            <div key={text}>
              <dt>
                <code>{text}</code>
              </dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
        <p class="quiet">
          Arrow down lists what could stand at the caret. Enter applies. In a list of flows a click on a value adds it
          with <code>and</code>, Alt-click with <code>and not</code>. <Link to="/help/filter">All of the language</Link>
        </p>
      </div>
    </>
  )
}
