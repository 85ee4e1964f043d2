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
import type { Rules } from './rules-page.tsx'

const EXAMPLE = `- name: remote desktop from outside
  match: src.net = external and dst.port in (3389, 5900)
`

interface RuleTesterProps {
  /** A filter to begin with. */
  readonly draft: string | null
  /** What its flows are to be called. */
  readonly name: string | null
  /** In force, in their order; undefined: not known yet. */
  readonly files: Rules['files'] | undefined
}

/** Draft of a rule, and what it would have named lately; nothing is changed by it. */
export function RuleTester({ draft, name, files }: RuleTesterProps) {
  const id = useId()
  const change = useChange()
  const [text, setText] = useState(
    draft ? `- name: ${yamlText(name ?? 'new rule')}\n  match: ${yamlText(draft)}\n` : EXAMPLE,
  )
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
        <CopyButton text={text} label="Copy for rules.yaml" sourceId={id} />
        <span class="quiet">A test changes nothing.</span>
      </div>
      <WhereTo files={files} />
      {change.problem && <Fault problem={change.problem} />}
      <div role="status">{test && <Result test={test} />}</div>
    </details>
  )
}

/** How the rule comes into force: by the owner's file, which stays theirs. */
function WhereTo({ files }: Pick<RuleTesterProps, 'files'>) {
  const file = files?.find((one) => !one.file.toLowerCase().endsWith('.csv'))?.file
  const isShipped = file !== undefined && SHIPPED.test(file)
  return (
    <p class="quiet">
      {isShipped ? (
        <>
          The shipped rules are in force. To have this one too, copy <code>{file}</code> as <code>rules.yaml</code> into
          the folder in which NetBehave runs, and put it at the top of the copy.
        </>
      ) : (
        <>
          Put it into <code>{file ?? 'rules.yaml'}</code> before every rule that names these flows now, for instance at
          the top.
        </>
      )}{' '}
      It is in force some seconds after the file is saved, for flows from then on.
    </p>
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
                      <td class="quiet">{flow.rule ? `now: ${flow.rule}` : 'now: no rule'}</td>
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

/** The file that comes with the enricher, which an update replaces. */
const SHIPPED = /[\\/]enricher[\\/]rules\.yaml$/

/** Single quotes, within which only the quote itself is special (YAML 1.2 §7.3.2). */
const yamlText = (text: string): string =>
  !/^[A-Za-z][A-Za-z0-9 ._/=-]*$/.test(text) || /^(true|false|null|yes|no|on|off)$/i.test(text)
    ? `'${text.replaceAll("'", "''")}'`
    : text
