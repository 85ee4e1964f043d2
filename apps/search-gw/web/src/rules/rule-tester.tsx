import type { RuleTest } from '@netbehave/schema/api'
import { useEffect, useId, useState } from 'preact/hooks'
import { ask } from '../api/ask.ts'
import { useChange } from '../api/use-change.ts'
import { bytes, count } from '../format/numbers.ts'
import { isIcmp, protocolName } from '../format/protocols.ts'
import { CopyButton } from '../ui/copy-button.tsx'
import { ScrollBox } from '../ui/scroll-box.tsx'
import { Fault } from '../ui/states.tsx'
import { Time } from '../ui/time.tsx'
import { RuleFindings } from './rule-findings.tsx'

const EXAMPLE = `- name: remote desktop from outside
  match: src.net = external and dst.port in (3389, 5900)
`

/** Draft of a rule, and what it would have named lately; nothing is changed by it. */
export function RuleTester({ draft }: { readonly draft: string | null }) {
  const id = useId()
  const change = useChange()
  const [text, setText] = useState(draft ? `- name: new rule\n  match: ${yamlText(draft)}\n` : EXAMPLE)
  const [minutes, setMinutes] = useState('60')
  const [test, setTest] = useState<RuleTest>()
  const run = async (): Promise<void> => {
    await change.run(async () =>
      setTest(await ask<RuleTest>('POST', 'rules/test', { body: { text, minutes: Number(minutes), sample: 5 } })),
    )
  }

  useEffect(() => {
    if (draft !== null) void run()
  }, [])

  return (
    <details class="card tester" open={draft !== null}>
      <summary>
        <h2>Try a rule</h2>
      </summary>
      <label class="form-label" for={id}>
        Rules as in rules.yaml
      </label>
      <textarea
        class="form-control"
        id={id}
        rows={5}
        spellcheck={false}
        maxLength={65_536}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <div class="tool-bar">
        <button type="button" class="btn btn-primary btn-sm" disabled={change.isRunning} onClick={() => void run()}>
          {change.isRunning ? 'Testing …' : 'Test against'}
        </button>
        <select
          class="form-select form-select-sm"
          aria-label="Against which time"
          value={minutes}
          onChange={(event) => setMinutes(event.currentTarget.value)}
        >
          <option value="60">the last hour</option>
          <option value="360">the last 6 hours</option>
          <option value="1440">the last 24 hours</option>
        </select>
        <CopyButton text={text} label="Copy for rules.yaml" />
        <span class="quiet">Rules stand in a file; a test changes nothing.</span>
      </div>
      {change.problem && <Fault problem={change.problem} />}
      <div role="status">{test && <Result test={test} />}</div>
    </details>
  )
}

function Result({ test }: { readonly test: RuleTest }) {
  return (
    <>
      {test.findings.length > 0 && <RuleFindings findings={test.findings} />}
      {test.rules.map((rule) => (
        <section key={rule.name} class="test-result">
          <p>
            <b>{rule.name}</b> would have named <b>{count(rule.flows)}</b> of {count(test.looked)} flows
            {rule.flows > 0 && ` (${bytes(rule.bytes)})`}
            {test.cut && '; there were more, the newest were looked at'}.
          </p>
          {rule.sample.length > 0 && (
            <ScrollBox label="Flows that it would have named">
              <table class="table">
                <tbody>
                  {rule.sample.map((flow) => (
                    <tr key={`${flow.firstMs} ${flow.srcIp} ${flow.srcPort} ${flow.dstIp} ${flow.dstPort}`}>
                      <td>
                        <Time ms={flow.firstMs} />
                      </td>
                      <td>{flow.srcAsset ?? flow.srcName ?? flow.srcIp}</td>
                      <td>
                        {flow.dstAsset ?? flow.dstName ?? flow.dstIp}
                        {flow.dstPort > 0 && !isIcmp(flow.protocol) && <span class="quiet">:{flow.dstPort}</span>}
                      </td>
                      <td>{protocolName(flow.protocol)}</td>
                      <td class="number">{bytes(flow.bytes)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </ScrollBox>
          )}
        </section>
      ))}
    </>
  )
}

/** Single quotes, within which only the quote itself is special (YAML 1.2 §7.3.2). */
const yamlText = (text: string): string =>
  /["'#:{}[\],&*!|>%@`]/.test(text) ? `'${text.replaceAll("'", "''")}'` : text
