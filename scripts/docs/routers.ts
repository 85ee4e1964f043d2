// The part of docs/routers.md that is one section for each router, from libs/routers.
import { ROUTERS } from '../../libs/routers/src/index.ts'

const BETWEEN = /(<!-- routers -->\n)[\s\S]*(<!-- \/routers -->)/
/** RFC 5737: stands for the address of the machine that runs NetBehave. */
const HOST = '192.0.2.10'
const PORT = '2055'

export function routersPage(page: string): string {
  const sections = ROUTERS.map(
    ({ id, name, where, snippet, check, traps }) => `## ${name}

\`netbehave setup ${id}\`. ${where}

\`\`\`
${snippet(HOST, PORT)}
\`\`\`

**Check**: ${check}

${traps.map((trap) => `- ${trap}\n`).join('')}`,
  )
  return page.replace(BETWEEN, (_whole, begin: string, end: string) => `${begin}\n${sections.join('\n')}\n${end}`)
}
