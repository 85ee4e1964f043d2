import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'

interface PageProps {
  readonly title: string
  /** What the page is for, in one line. */
  readonly about?: ComponentChildren
  /** Beside the title. */
  readonly actions?: ComponentChildren
  readonly children: ComponentChildren
  /** The content scrolls by itself (long lists). */
  readonly isFixed?: boolean
  /** The title says more than the menu does, so that it stands on narrow windows too. */
  readonly hasOwnTitle?: boolean
}

export function Page({ title, about, actions, children, isFixed = false, hasOwnTitle = false }: PageProps) {
  useEffect(() => {
    document.title = `${title} · NetBehave`
  }, [title])
  return (
    <div class={isFixed ? 'page page-fixed' : 'page'}>
      <header class="page-header">
        <h1 class={hasOwnTitle ? 'is-own' : undefined}>{title}</h1>
        {about && <p class="page-about">{about}</p>}
        {actions && <div class="page-actions">{actions}</div>}
      </header>
      {children}
    </div>
  )
}
