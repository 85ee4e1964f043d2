// What a page shows when it has nothing to show: each says what to do next.
import type { Problem } from '@netbehave/schema/api'
import type { ComponentChildren } from 'preact'
import { Icon, type IconName } from './icon.tsx'

interface PaneProps {
  readonly icon: IconName
  readonly title: string
  readonly children?: ComponentChildren
}

/** A quiet box in the middle of where the content would be. */
export function Pane({ icon, title, children }: PaneProps) {
  return (
    <div class="pane">
      <Icon name={icon} />
      <h2>{title}</h2>
      {children}
    </div>
  )
}

export function Empty(props: PaneProps) {
  return <Pane {...props} />
}

/** Lines where the content will be; after a second it says what is waited for. */
export function Waiting({ what }: { readonly what: string }) {
  return (
    <div class="waiting" role="status">
      <span class="visually-hidden">{`Loading ${what} …`}</span>
      <i />
      <i />
      <i />
      <i />
    </div>
  )
}

const TITLES: Readonly<Record<number, string>> = {
  0: 'The gateway does not answer',
  403: 'No permission',
  404: 'Not there',
  409: 'Changed meanwhile',
  429: 'Too many tries',
  499: 'Stopped',
  503: 'Not available now',
  504: 'It took too long',
}

const remedyOf = ({ status, detail }: Problem): string =>
  detail ??
  (status === 403
    ? 'Your role may not see this. Ask an admin for another role.'
    : status === 503
      ? 'Start the service that this page asks, then try again.'
      : 'Try again; the log of the gateway says more.')

interface FailedProps {
  readonly problem: Problem
  readonly again?: () => void
}

interface FailedPageProps extends FailedProps {
  /** What the page needs and does not run (503): how it is switched on. */
  readonly away?: ComponentChildren
}

/** In place of the content. */
export function Failed({ problem, again, away }: FailedPageProps) {
  if (away && problem.status === 503) return <Away problem={problem}>{away}</Away>
  return (
    <Pane icon={problem.status === 403 ? 'user' : 'warning'} title={TITLES[problem.status] ?? sentence(problem.title)}>
      <p>{sentence(remedyOf(problem))}</p>
      {problem.id && (
        <p class="quiet">
          The log of the gateway has it as <code>{problem.id}</code>.
        </p>
      )}
      {again && problem.status !== 403 && (
        <button type="button" class="btn btn-outline-secondary btn-sm" onClick={again}>
          Try again
        </button>
      )}
    </Pane>
  )
}

/** A service that only runs when somebody wants it. */
function Away({ problem, children }: { readonly problem: Problem; readonly children: ComponentChildren }) {
  return (
    <Pane icon="flag" title="Not switched on, or not running">
      {children}
      <p class="quiet">{sentence(problem.detail ?? problem.title)}</p>
    </Pane>
  )
}

/** A line above content that is there, or in a form. */
export function Fault({ problem, again }: FailedProps) {
  const title = TITLES[problem.status] ?? sentence(problem.title)
  return (
    <p class="fault">
      <Icon name="warning" />
      <span>
        <b>{title}.</b> {sentence(remedyOf(problem))}
        {problem.fields?.map(({ path, message }) => ` ${path}: ${message}.`)}{' '}
        {again && (
          <button type="button" class="btn btn-link btn-sm" onClick={again}>
            Try again
          </button>
        )}
      </span>
    </p>
  )
}

/** With a capital and a full stop. */
export const sentence = (text: string): string => {
  const trimmed = text.trim()
  const begun = trimmed.slice(0, 1).toUpperCase() + trimmed.slice(1)
  return /[.!?…:]$/.test(begun) || begun === '' ? begun : `${begun}.`
}
