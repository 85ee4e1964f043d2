import type { ComponentType } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { ApiProblem } from './api/ask.ts'
import { type PageEntry, pageOf } from './pages.ts'
import { Link } from './router/link.tsx'
import { place } from './router/place.ts'
import { me } from './session/session.ts'
import { findMe } from './session/sign-in.ts'
import { SignInPage } from './session/sign-in-page.tsx'
import { Shell } from './shell.tsx'
import { Page } from './ui/page.tsx'
import { Failed, Pane, Waiting } from './ui/states.tsx'

const RETRY_MS = 3000

export function App() {
  const [problem, setProblem] = useState<ApiProblem>()

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = (): void => {
      findMe().then(
        () => setProblem(undefined),
        (error: unknown) => {
          if (!(error instanceof ApiProblem)) throw error
          setProblem(error)
          timer = setTimeout(look, RETRY_MS)
        },
      )
    }
    look()
    return () => clearTimeout(timer)
  }, [])

  if (me.value === undefined) {
    return <main class="sign-in">{problem ? <Failed problem={problem.problem} /> : null}</main>
  }
  if (me.value === null) return <SignInPage />
  return (
    <Shell>
      <CurrentPage />
    </Shell>
  )
}

function CurrentPage() {
  const page = pageOf(place.value.path)
  return page ? <LoadedPage key={page.path} page={page} /> : <NotFound />
}

/** Two pages that were shown; the browser keeps their code anyway. */
const loaded = new Map<string, ComponentType>()

function LoadedPage({ page }: { readonly page: PageEntry }) {
  const [Content, setContent] = useState<ComponentType | undefined>(() => loaded.get(page.path))
  const [hasFailed, setFailed] = useState(false)
  const isFirst = useRef(Content === undefined)

  useEffect(() => {
    if (!isFirst.current) return
    page.load().then(
      (component) => {
        loaded.set(page.path, component)
        setContent(() => component)
      },
      () => setFailed(true),
    )
  }, [])

  if (hasFailed) {
    return (
      <Pane icon="warning" title="This page could not be loaded">
        <p>The gateway was stopped, or NetBehave was updated while this page was open.</p>
        <button type="button" class="btn btn-outline-secondary btn-sm" onClick={() => location.reload()}>
          Load the console again
        </button>
      </Pane>
    )
  }
  return Content ? <Content /> : <Waiting what={page.title} />
}

function NotFound() {
  return (
    <Page title="Not found" hasOwnTitle>
      <Pane icon="search" title="There is no such page">
        <p>
          The address may be from another version. <Link to="/">Go to Live</Link>
        </p>
      </Pane>
    </Page>
  )
}
