import type { ComponentChildren } from 'preact'
import { addressOf, navigate } from './place.ts'

interface LinkProps {
  /** A path of ours. */
  readonly to: string
  readonly class?: string
  readonly title?: string
  readonly 'aria-label'?: string
  readonly 'aria-current'?: 'page' | 'true' | undefined
  readonly children: ComponentChildren
}

/** An anchor within the console: an ordinary click stays on the page, any other does what the browser does. */
export function Link({ to, children, ...rest }: LinkProps) {
  return (
    <a
      {...rest}
      href={addressOf(to)}
      onClick={(event) => {
        if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
        event.preventDefault()
        navigate(to)
      }}
    >
      {children}
    </a>
  )
}
