// What can be told of: for each kind its values, how urgent it is, and the texts that are used when the alert has none of its own.
import type { AlertKind, Severity } from '@netbehave/schema'

export interface KindSpec {
  /** Names for places in texts. */
  readonly values: readonly string[]
  /** A rule match has the severity of its rule. */
  readonly severity: Severity
  /** Collected during the learning window: at first everything is new. */
  readonly isLearned: boolean
  readonly subject: string
  readonly text: string
  /** In a digest. */
  readonly line: string
}

const ASSET_VALUES = [
  ...[
    'address',
    'device',
    'site',
    'mac',
    'vendor',
    'hostname',
    'name',
    'owner',
    'type',
    'note',
    'peers',
    'time',
    'first',
    'last',
  ],
  ...['beforeMac', 'absent', 'mute'],
]
const DEVICE = `Address: {{address}} (site {{site}})
MAC: {{mac}}
Vendor: {{vendor}}
Hostname: {{hostname}}
Name: {{name}}`
const MUTE_ASSET = 'To hear no more of this address: {{mute}}'
const RULE_VALUES = [
  ...['rule', 'severity', 'note', 'site', 'source', 'sourceName', 'destination', 'destinationName', 'port', 'protocol'],
  ...['service', 'bytes', 'count', 'time', 'mute'],
]
const EXPORTER_VALUES = ['exporter', 'site', 'last', 'absent', 'time', 'mute']

export const KINDS: Readonly<Record<AlertKind, KindSpec>> = {
  'asset-new': {
    values: ASSET_VALUES,
    severity: 'info',
    isLearned: true,
    subject: 'New device {{device}} ({{vendor}})',
    text: `A new address turned up on your network: {{address}}.

${DEVICE}
First seen: {{first}}
First talked to: {{peers}}

${MUTE_ASSET}
`,
    line: '{{time}}  new device {{address}}, MAC {{mac}}, {{vendor}}, hostname {{hostname}}',
  },
  'asset-mac': {
    values: ASSET_VALUES,
    severity: 'warning',
    isLearned: true,
    subject: 'Other MAC on {{device}}',
    text: `The address {{address}} is used by another MAC than before. Another device may have taken it.

${DEVICE}
MAC before: {{beforeMac}}
Seen: {{last}}

${MUTE_ASSET}
`,
    line: '{{time}}  other MAC on {{address}}: {{mac}} ({{vendor}}), before {{beforeMac}}',
  },
  'asset-back': {
    values: ASSET_VALUES,
    severity: 'info',
    isLearned: true,
    subject: 'Device {{device}} is back',
    text: `{{address}} is seen again after {{absent}}.

${DEVICE}

${MUTE_ASSET}
`,
    line: '{{time}}  {{address}} is back after {{absent}}, hostname {{hostname}}',
  },
  'vendor-new': {
    values: ASSET_VALUES,
    severity: 'info',
    isLearned: true,
    subject: 'First device of {{vendor}}: {{device}}',
    text: `{{address}} is the first device of {{vendor}} on your network.

${DEVICE}
First seen: {{first}}
First talked to: {{peers}}

${MUTE_ASSET}
`,
    line: '{{time}}  first device of {{vendor}}: {{address}}, MAC {{mac}}',
  },
  'rule-match': {
    values: RULE_VALUES,
    severity: 'warning',
    isLearned: false,
    subject: 'Rule {{rule}}: {{source}} to {{destination}}',
    text: `The rule "{{rule}}" matched flows of {{source}}.

First of them: {{source}} to {{destination}} port {{port}} ({{service}}), protocol {{protocol}}, {{bytes}} bytes
Name of the source: {{sourceName}}
Name of the destination: {{destinationName}}
Flows that matched: {{count}}
Time: {{time}} (site {{site}})
Severity: {{severity}}
Note of the rule: {{note}}

To hear no more of this rule: {{mute}}
`,
    line: '{{time}}  rule {{rule}} ({{severity}}): {{source}} to {{destination}} port {{port}}, {{count}} flows',
  },
  'exporter-silent': {
    values: EXPORTER_VALUES,
    severity: 'warning',
    isLearned: false,
    subject: 'Exporter {{exporter}} is silent',
    text: `The exporter {{exporter}} at site {{site}} has sent nothing since {{last}}.

Its flows are missing from then on. Look whether the device runs, still exports to this collector, and is not held up on the way.

To hear no more of this exporter: {{mute}}
`,
    line: '{{time}}  exporter {{exporter}} (site {{site}}) is silent since {{last}}',
  },
  'exporter-back': {
    values: EXPORTER_VALUES,
    severity: 'info',
    isLearned: false,
    subject: 'Exporter {{exporter}} sends again',
    text: `The exporter {{exporter}} at site {{site}} sends again since {{time}}. It was silent for {{absent}}; flows of that time are missing.

To hear no more of this exporter: {{mute}}
`,
    line: '{{time}}  exporter {{exporter}} (site {{site}}) sends again after {{absent}}',
  },
  loss: {
    values: ['what', 'site', 'instance', 'share', 'lost', 'span', 'advice', 'time', 'mute'],
    severity: 'warning',
    isLearned: false,
    subject: 'Loss of {{share}} %: {{what}}',
    text: `{{what}} (site {{site}}, collector {{instance}}) lost {{lost}} in the last {{span}}: {{share}} %.

{{advice}}

This is told once, and again after the loss has been below the limit.
`,
    line: '{{time}}  {{what}} (site {{site}}): loss of {{share}} % in {{span}}',
  },
  storage: {
    values: ['trouble', 'site', 'instance', 'free', 'advice', 'time'],
    severity: 'critical',
    isLearned: false,
    subject: 'Archive of {{site}}: {{trouble}}',
    text: `The archive of site {{site}} (archiver {{instance}}) is in trouble: {{trouble}}.

Free on its disk: {{free}}

{{advice}}

This is told once, and again after it was well.
`,
    line: '{{time}}  archive of {{site}}: {{trouble}}',
  },
}
