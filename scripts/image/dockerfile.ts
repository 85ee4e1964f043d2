// A Dockerfile as its stages and steps. In: text with the instructions that ours use. Fails: Error that names the line it does not know.

export type Step =
  | { kind: 'copy'; from?: string; sources: string[]; to: string }
  | { kind: 'run'; command: string }
  | { kind: 'workdir'; path: string }
  | { kind: 'env'; values: Record<string, string> }
  | { kind: 'user'; name: string }
  | { kind: 'entrypoint' | 'cmd'; argv: string[] }

export interface Stage {
  /** Empty for one without `AS`. */
  readonly name: string
  /** An image, or the name of an earlier stage. */
  readonly base: string
  readonly steps: Step[]
}

export function parseDockerfile(text: string): Stage[] {
  const stages: Stage[] = []
  for (const line of instructions(text)) {
    const [, word = '', rest = ''] = /^(\w+)\s+(.*)$/s.exec(line) ?? []
    if (word === 'FROM') {
      const [base = '', as, name = ''] = rest.split(/\s+/)
      if (as !== undefined && as !== 'AS') throw new Error(`not understood: ${line}`)
      stages.push({ name, base, steps: [] })
    } else stages.at(-1)?.steps.push(toStep(word, rest))
  }
  return stages
}

/** Without comments; a line that ends in a backslash goes on. */
function instructions(text: string): string[] {
  return text
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
}

function toStep(word: string, rest: string): Step {
  switch (word) {
    case 'COPY': {
      const words = rest.split(/\s+/)
      const from = words[0]?.startsWith('--from=') ? words.shift()!.slice('--from='.length) : undefined
      const to = words.pop()
      if (to === undefined || words.some((source) => source.startsWith('--'))) break
      return { kind: 'copy', ...(from !== undefined && { from }), sources: words, to }
    }
    case 'RUN':
      return { kind: 'run', command: rest }
    case 'WORKDIR':
      return { kind: 'workdir', path: rest }
    case 'ENV':
      return { kind: 'env', values: Object.fromEntries(rest.split(/\s+/).map((pair) => pair.split(/=(.*)/s))) }
    case 'USER':
      return { kind: 'user', name: rest }
    case 'ENTRYPOINT':
    case 'CMD':
      return { kind: word === 'CMD' ? 'cmd' : 'entrypoint', argv: JSON.parse(rest) as string[] }
  }
  throw new Error(`not understood: ${word} ${rest}`)
}
