import type { RuleFindingReply } from '@netbehave/schema/api'
import { Badge, type Tone } from '../ui/badge.tsx'
import { sentence } from '../ui/states.tsx'

const TONES: Readonly<Record<RuleFindingReply['kind'], Tone>> = {
  error: 'bad',
  differs: 'note',
  never: 'warning',
  hint: 'plain',
}

export function RuleFindings({ findings }: { readonly findings: readonly RuleFindingReply[] }) {
  return (
    <ul class="rule-findings">
      {findings.map(({ kind, file, line, column, rule, message, shown }) => (
        <li key={`${file} ${line} ${column} ${message}`}>
          <p>
            <Badge tone={TONES[kind]}>{kind}</Badge>{' '}
            <span class="quiet">
              {file ? `${file}:` : 'line '}
              {line}
              {rule ? ` · ${rule}` : ''}
            </span>{' '}
            {sentence(message)}
          </p>
          {shown && <pre>{shown}</pre>}
        </li>
      ))}
    </ul>
  )
}
