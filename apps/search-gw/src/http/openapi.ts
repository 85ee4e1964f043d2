// OpenAPI 3.1, made from the contracts, and a plain page of it.
import { API_PREFIX, API_ROUTES, PROBLEM_TYPE, Problem, type Route } from '@netbehave/schema/api'
import { z } from 'zod'

type Json = Record<string, unknown>

export function openApi(version: string, basePath: string): Json {
  const paths: Record<string, Json> = {}
  for (const route of API_ROUTES) {
    const path = (paths[route.path] ??= {})
    path[route.method.toLowerCase()] = operationOf(route)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'NetBehave',
      version,
      description: 'Who talks to whom on your network. Errors are RFC 9457; times are epoch ms, UTC.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: `${basePath}${API_PREFIX}` }],
    paths,
    components: {
      schemas: { Problem: schemaOf(Problem, 'output') },
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'netbehave-session' },
        token: { type: 'http', scheme: 'bearer' },
        password: { type: 'http', scheme: 'basic' },
      },
    },
  }
}

function operationOf({ method, path, summary, tag, role, params, query, body, ...rest }: Route): Json {
  return {
    operationId: `${method.toLowerCase()}${path.replaceAll(/[/{}-]+(\w?)/g, (_, letter: string) => letter.toUpperCase())}`,
    summary,
    tags: [tag],
    security: role === 'anyone' ? [] : [{ session: [] }, { token: [] }, { password: [] }],
    'x-role': role,
    parameters: [...parametersOf(params, 'path'), ...parametersOf(query, 'query')],
    ...(body && {
      requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body, 'input') } } },
    }),
    responses: {
      ...successOf(rest),
      default: {
        description: 'what is wrong, and what to do',
        content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  }
}

function successOf({ reply, etag, creates }: Pick<Route, 'reply' | 'etag' | 'creates'>): Json {
  if (!reply) return { 204: { description: 'done' } }
  if (reply instanceof z.ZodType)
    return {
      [creates ? 201 : 200]: {
        description: 'the answer',
        content: { 'application/json': { schema: schemaOf(reply, 'output') } },
      },
      ...(etag && { 304: { description: 'the ETag in If-None-Match is still the list’s' } }),
    }
  const media = reply as Exclude<NonNullable<Route['reply']>, z.ZodType>
  return { 200: { description: media.meaning, content: Object.fromEntries(media.media.map((type) => [type, {}])) } }
}

function parametersOf(schema: z.ZodObject | undefined, where: 'path' | 'query'): Json[] {
  if (!schema) return []
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    properties?: Record<string, Json>
    required?: string[]
  }
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    ...(description !== undefined && { description }),
    schema: rest,
  }))
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json
  return rest
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (sign) => ESCAPES[sign]!)

/** Every route with what goes in; no script, no style of its own. */
export function apiPage(version: string): string {
  const tags = [...new Set(API_ROUTES.map(({ tag }) => tag))]
  const sections = tags.map((tag) => {
    const routes = API_ROUTES.filter((route) => route.tag === tag).map(describeRoute)
    return `<h2>${escaped(tag)}</h2>\n<dl>\n${routes.join('\n')}\n</dl>`
  })
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>NetBehave API</title><meta name="viewport" content="width=device-width"></head>
<body><h1>NetBehave API ${escaped(version)}</h1>
<p>Below <code>${API_PREFIX}</code>. <a href="openapi.json">OpenAPI 3.1</a>. Sign in by the console's cookie, <code>Authorization: Bearer</code> (an API token) or HTTP Basic.</p>
${sections.join('\n')}
</body></html>
`
}

function describeRoute(route: Route): string {
  const inputs = [...parametersOf(route.params, 'path'), ...parametersOf(route.query, 'query')]
  const list = inputs.map(({ name, required, description }) => {
    const words = description === undefined ? '' : `: ${escaped(String(description))}`
    return `<li><code>${escaped(String(name))}</code>${required ? ' (needed)' : ''}${words}</li>`
  })
  return `<dt><code>${route.method} ${escaped(route.path)}</code> (${route.role})</dt>
<dd>${escaped(route.summary)}${list.length > 0 ? `<ul>${list.join('')}</ul>` : ''}</dd>`
}
