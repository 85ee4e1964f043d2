// The documentation, as docs/ has it: a document on the left of its list, a section by the end of the address.

import { DOCUMENTS, type DocumentText } from 'virtual:docs'
import { useEffect, useState } from 'preact/hooks'
import { Link } from '../router/link.tsx'
import { addressOf, navigate, place } from '../router/place.ts'
import { Page } from '../ui/page.tsx'
import { Pane, Waiting } from '../ui/states.tsx'
import './help.css'

const HELP = '/help'

export function HelpPage() {
  const { path } = place.value
  const id = path.slice(HELP.length + 1) || DOCUMENTS[0]!.id
  const entry = DOCUMENTS.find((one) => one.id === id)
  return (
    <Page title={entry?.title ?? 'Help'} about="The documentation that came with this version." hasOwnTitle>
      <div class="help">
        <nav class="help-list" aria-label="Documents">
          <ul>
            {DOCUMENTS.map((one) => (
              <li key={one.id}>
                <Link to={`${HELP}/${one.id}`} aria-current={one.id === id ? 'page' : undefined}>
                  {one.title}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        {entry ? <Document key={id} load={entry.load} /> : <NoDocument />}
      </div>
    </Page>
  )
}

function Document({ load }: { readonly load: () => Promise<DocumentText> }) {
  const [text, setText] = useState<DocumentText>()
  const [hasFailed, setFailed] = useState(false)

  useEffect(() => {
    load().then(setText, () => setFailed(true))
  }, [load])
  useEffect(() => {
    if (text) showSection()
  }, [text])

  function onClick(event: MouseEvent): void {
    const link = (event.target as HTMLElement).closest('a')
    const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey
    const home = addressOf('/')
    if (!link?.href.startsWith(home) || !isPlain) return
    event.preventDefault()
    navigate(`/${link.href.slice(home.length)}`)
    showSection()
  }

  if (hasFailed) {
    return (
      <Pane icon="warning" title="This document could not be loaded">
        <p>The gateway was stopped, or NetBehave was updated while this page was open. Load the console again.</p>
      </Pane>
    )
  }
  if (!text) return <Waiting what="the document" />
  // The HTML is made from our own docs/ when the console is built (build/docs.ts), which uses the class doc-table.
  return (
    <article class="doc">
      {text.sections.length > 2 && (
        <ul class="doc-sections" aria-label="Sections">
          {text.sections.map(({ title, id }) => (
            <li key={id}>
              <a href={`${addressOf(place.value.path)}#${id.slice(DOC.length)}`} onClick={onClick}>
                {title}
              </a>
            </li>
          ))}
        </ul>
      )}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the links in it take Enter by themselves; this only keeps their clicks here */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the same */}
      <div onClick={onClick} dangerouslySetInnerHTML={{ __html: text.html }} />
    </article>
  )
}

const DOC = 'doc-'

/** Scrolls to the section that the address names, as a browser does with a page that was there from the start. */
function showSection(): void {
  const name = decodeURIComponent(location.hash.slice(1))
  if (name !== '') document.getElementById(`${DOC}${name}`)?.scrollIntoView()
}

function NoDocument() {
  return (
    <Pane icon="search" title="There is no such document">
      <p>
        The address may be from another version. <Link to={HELP}>See what there is</Link>
      </p>
    </Pane>
  )
}
