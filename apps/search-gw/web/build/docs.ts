// The documentation inside the console: a plugin for vite that makes HTML of docs/*.md while it builds. `virtual:docs` lists the
// documents; the text of each is a chunk of its own, loaded when it is read. In: the repository's docs, which are ours, so their HTML is
// trusted. Fails: the build, when a document that is listed is not there.
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Marked, type Tokens } from 'marked'
import type { Plugin } from 'vite'

/** What people read, in this order: file name without `.md`. */
export const DOCUMENTS = [
  ...['console', 'routers', 'filter', 'rules', 'dns', 'assets', 'alerts', 'whois'],
  ...['storage', 'configuration', 'metrics', 'api'],
] as const

const LIST = 'virtual:docs'
const DOCUMENT = 'virtual:doc/'

export interface RenderedDocument {
  readonly title: string
  /** Without the title. */
  readonly html: string
  /** Second-level headings: what they say, and the id of their element. */
  readonly sections: readonly { readonly title: string; readonly id: string }[]
}

/** GitHub's way to name a heading, so that links work there and here; `doc-` keeps the console's own ids apart. */
export const slug = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')
const idOf = (heading: string): string => `doc-${slug(heading)}`

/** Links to other documents lead to their pages; what is not in the console stays as text. */
export function renderDocument(markdown: string): RenderedDocument {
  let title = ''
  const sections: { title: string; id: string }[] = []
  const marked = new Marked({
    renderer: {
      heading({ depth, tokens, text }: Tokens.Heading) {
        const plain = text.replaceAll('`', '')
        if (depth === 1) {
          title = plain
          return ''
        }
        if (depth === 2) sections.push({ title: plain, id: idOf(text) })
        return `<h${depth} id="${idOf(text)}">${this.parser.parseInline(tokens)}</h${depth}>\n`
      },
      // What scrolls must be reached by the keyboard.
      code: ({ text }: Tokens.Code) => `<pre tabindex="0"><code>${escapeHtml(text)}</code></pre>\n`,
      link({ href, tokens }: Tokens.Link) {
        const label = this.parser.parseInline(tokens)
        if (/^https?:/.test(href)) return `<a href="${escapeHtml(href)}" rel="noreferrer">${label}</a>`
        const [file = '', section] = href.split('#')
        const id = basename(file, '.md')
        if (!/^[\w-]+\.md$/.test(file) || !DOCUMENTS.some((name) => name === id)) return label
        return `<a href="help/${id}${section === undefined ? '' : `#${section}`}">${label}</a>`
      },
      html: ({ text }: Tokens.HTML | Tokens.Tag) => (text.startsWith('<!--') ? '' : text),
    },
    hooks: {
      postprocess: (html) =>
        html
          // A corner without a word is no heading of anything.
          .replaceAll(/<th[^>]*><\/th>/g, '<td></td>')
          .replaceAll('<table>', '<div class="doc-table" tabindex="0"><table>')
          .replaceAll('</table>', '</table></div>'),
    },
  })
  const html = marked.parse(markdown, { async: false })
  return { title, html, sections }
}

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

export function docs(folder: string): Plugin {
  const fileOf = (id: string) => join(folder, `${id}.md`)
  const render = (id: string) => renderDocument(readFileSync(fileOf(id), 'utf8'))
  return {
    name: 'netbehave-docs',
    resolveId: (id) => (id === LIST || id.startsWith(DOCUMENT) ? `\0${id}` : undefined),
    load(id) {
      if (id === `\0${LIST}`) {
        const entries = DOCUMENTS.map((name) => {
          const { title } = render(name)
          return `{ id: ${JSON.stringify(name)}, title: ${JSON.stringify(title)}, load: () => import('${DOCUMENT}${name}') }`
        })
        return `export const DOCUMENTS = [${entries.join(', ')}]`
      }
      if (!id.startsWith(`\0${DOCUMENT}`)) return undefined
      const name = id.slice(DOCUMENT.length + 1)
      this.addWatchFile(fileOf(name))
      const { html, sections } = render(name)
      return `export const html = ${JSON.stringify(html)}\nexport const sections = ${JSON.stringify(sections)}`
    },
  }
}
