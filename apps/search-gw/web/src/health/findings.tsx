import type { HealthFinding } from '@netbehave/schema/api'
import { Icon, type IconName } from '../ui/icon.tsx'
import { sentence } from '../ui/states.tsx'

const ICONS: Readonly<Record<HealthFinding['level'], IconName>> = { bad: 'bad', warning: 'warning', note: 'note' }
const WORDS: Readonly<Record<HealthFinding['level'], string>> = { bad: 'Wrong', warning: 'Warning', note: 'Note' }

/** What is wrong, in sentences, with what to do. */
export function Findings({ findings }: { readonly findings: readonly HealthFinding[] }) {
  if (findings.length === 0) {
    return (
      <p class="findings-none">
        <Icon name="check" /> Nothing is wrong: everything that was sent is received, named and stored.
      </p>
    )
  }
  return (
    <ul class="findings">
      {findings.map(({ id, level, about, sentence: text, remedy }) => (
        <li key={`${id} ${about} ${text}`} class={`finding finding-${level}`}>
          <Icon name={ICONS[level]} />
          <div>
            <b>
              <span class="visually-hidden">{WORDS[level]}: </span>
              {sentence(text)}
            </b>
            <p>{sentence(remedy)}</p>
          </div>
        </li>
      ))}
    </ul>
  )
}
/* finding-bad finding-warning finding-note */
