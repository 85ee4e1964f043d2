import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { PAGES, pageOf } from './pages.ts'
import { Link } from './router/link.tsx'
import { place } from './router/place.ts'
import { me } from './session/session.ts'
import { signOut } from './session/sign-in.ts'
import { ThemeSwitch } from './theme/theme-switch.tsx'
import { Icon } from './ui/icon.tsx'

/** Menu and content. On a narrow window the menu is behind a button. */
export function Shell({ children }: { readonly children: ComponentChildren }) {
  const page = pageOf(place.value.path)
  const main = useRef<HTMLElement>(null)
  const menu = useRef<HTMLElement>(null)
  const shown = useRef(page?.path)

  useEffect(() => {
    if (shown.current === page?.path) return
    shown.current = page?.path
    // A screen reader begins to read the page that came; the menu is done with.
    main.current?.focus({ preventScroll: true })
    main.current?.scrollTo(0, 0)
    if (menu.current?.matches(':popover-open')) menu.current.hidePopover()
  }, [page?.path])

  return (
    <div class="shell">
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to content
      </button>
      <header class="top-bar">
        <button type="button" class="btn btn-icon" popovertarget="menu" aria-label="Menu">
          <Icon name="menu" />
        </button>
        <span class="brand">
          <Icon name="logo" /> NetBehave
        </span>
        <span class="top-bar-page">{page?.title}</span>
      </header>
      <nav class="side" aria-label="Pages">
        <Menu here={page?.path} />
      </nav>
      <nav class="side side-over" id="menu" popover="auto" aria-label="Pages" ref={menu}>
        <Menu here={page?.path} />
      </nav>
      <main id="main" tabIndex={-1} ref={main}>
        {children}
      </main>
    </div>
  )
}

function Menu({ here }: { readonly here: string | undefined }) {
  const user = me.value
  return (
    <>
      <Link to="/" class="brand">
        <Icon name="logo" /> NetBehave
      </Link>
      <ul>
        {PAGES.filter((page) => !page.isAside).map((page) => (
          <li key={page.path}>
            <Link to={page.path} aria-current={page.path === here ? 'page' : undefined}>
              <Icon name={page.icon} />
              <span>{page.title}</span>
            </Link>
          </li>
        ))}
      </ul>
      <div class="side-foot">
        <Link to="/account" class="who" aria-current={here === '/account' ? 'page' : undefined}>
          <Icon name="user" />
          <span>
            {user?.user} <small class="quiet">{user?.role}</small>
          </span>
        </Link>
        <div class="side-buttons">
          <ThemeSwitch />
          <button type="button" class="btn btn-link btn-sm" onClick={() => void signOut()}>
            Sign out
          </button>
        </div>
      </div>
    </>
  )
}
