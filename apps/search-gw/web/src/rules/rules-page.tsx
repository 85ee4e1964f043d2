import type { ReplyOf, RULES_LIST } from '@netbehave/schema/api'
import { get } from '../api/ask.ts'
import { useAsk } from '../api/use-ask.ts'
import { count, countOf } from '../format/numbers.ts'
import { place } from '../router/place.ts'
import { Icon } from '../ui/icon.tsx'
import { Page } from '../ui/page.tsx'
import { Empty, Failed, Fault, sentence, Waiting } from '../ui/states.tsx'
import { RuleFindings } from './rule-findings.tsx'
import { RuleTable } from './rule-table.tsx'
import { RuleTester } from './rule-tester.tsx'
import './rules.css'

export type Rules = ReplyOf<typeof RULES_LIST>
/** As often as enrichers report. */
const REFRESH_MS = 5_000

export function RulesPage() {
  const rules = useAsk('rules', (signal) => get<Rules>('rules', {}, signal), { everyMs: REFRESH_MS })
  const { query } = place.value
  const draft = query.get('draft')
  const { answer } = rules
  return (
    <Page
      title="Rules"
      about={answer && `${countOf(answer.rules.length, 'rule')}; the first that matches names the flow.`}
    >
      <RuleTester key={draft ?? ''} draft={draft} name={query.get('name')} files={answer?.files} />
      {rules.problem && answer && <Fault problem={rules.problem} again={rules.again} />}
      {!answer &&
        (rules.problem ? <Failed problem={rules.problem} again={rules.again} /> : <Waiting what="the rules" />)}
      {answer && (
        <>
          {answer.errors.map((error) => (
            <p key={error} class="fault">
              <Icon name="bad" />
              <span>
                <b>A file of rules is not in force; the last good rules are.</b> {sentence(error)}
              </span>
            </p>
          ))}
          {answer.enrichers === 0 && (
            <p class="note">
              <Icon name="note" />
              <span>No enricher reports, so it is not known which rules are in force. See Health.</span>
            </p>
          )}
          {answer.rules.length === 0 ? (
            <Empty icon="rules" title="No rule is in force">
              <p>
                Write some in <code>rules.yaml</code> and name the file in <code>netbehave.yaml</code>, section{' '}
                <code>enricher</code>, key <code>rules</code>. The tester above shows what a rule would name.
              </p>
            </Empty>
          ) : (
            <>
              <RuleTable rules={answer.rules} />
              <p class="quiet">
                {count(answer.unmatched)} flows matched no rule.
                {answer.leftOut > 0 && ` ${countOf(answer.leftOut, 'rule')} more are not in the report.`}{' '}
                {answer.files.map(({ file, rules: inFile }) => `${file}: ${countOf(inFile, 'rule')}`).join(' · ')}
              </p>
            </>
          )}
          {answer.findings.length > 0 && (
            <section>
              <h2>About these files</h2>
              <RuleFindings findings={answer.findings} />
            </section>
          )}
        </>
      )}
    </Page>
  )
}
