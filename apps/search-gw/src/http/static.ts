// The console: files that vite built, and its page for every path that a person may type or reload. Nothing here needs a login: it
// is the login page, and holds no data.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Request, type RequestHandler, type Response, static as serveFiles } from 'express'

/** Where vite puts what it built. */
export const WEB_DIR = join(import.meta.dirname, '../../web/dist')

const YEAR_S = 31_536_000
/** A file whose name has a hash in it never changes: `index-B1a2c3D4.js`. */
const HASHED = /-[\w-]{8,}\.[a-z0-9]+$/
const NOT_BUILT =
  'The console is not built. Run "npm run build -w apps/search-gw" (npm start does it by itself), then load this page again. The API is below api/v1.\n'

export function serveConsole(webDir: string, basePath: string): RequestHandler[] {
  const files = serveFiles(webDir, {
    index: false,
    redirect: false,
    dotfiles: 'ignore',
    cacheControl: false,
    setHeaders: (response: Response, path: string) => {
      response.set('Cache-Control', HASHED.test(path) ? `public, max-age=${YEAR_S}, immutable` : 'no-cache')
    },
  })
  const page = createPage(join(webDir, 'index.html'), basePath)
  return [
    (request, response, next) => (request.path === '/index.html' ? next() : files(request, response, next)),
    (request, response, next) => {
      if (!wantsPage(request)) return next()
      const html = page()
      if (html === undefined) response.status(503).type('text/plain').send(NOT_BUILT)
      else response.type('html').set('Cache-Control', 'no-cache').send(html)
    },
  ]
}

/** A browser that goes to an address, not a script that asks for a file. */
function wantsPage(request: Request): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false
  if (/^\/(api|ws|metrics|healthz)(\/|$)/.test(request.path)) return false
  return request.path === '/' || request.accepts(['json', 'html']) === 'html'
}

/** index.html with the base path written into its `<base href="/">`; read again when it was built anew. */
function createPage(path: string, basePath: string): () => string | undefined {
  let html = ''
  let builtMs = -1
  return () => {
    if (!existsSync(path)) return undefined
    const { mtimeMs } = statSync(path)
    if (mtimeMs !== builtMs) {
      html = readFileSync(path, 'utf8').replace('<base href="/"', `<base href="${basePath}/"`)
      builtMs = mtimeMs
    }
    return html
  }
}
