// Random filters as text: every field, operator and form of value, nested at random.
import fc from 'fast-check'
import { FIELDS, type Field } from '../fields.ts'
import { WELL_KNOWN_PORTS } from '../ports.ts'
import { OPERATORS } from '../read-value.ts'
import { ADDRESSES, ADDRESSES6, MACS, TEXTS } from './flows.ts'

const text: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...TEXTS).map(quoted),
  fc.constantFrom(
    '*.example.com',
    'www.*',
    '*example*',
    '*',
    'a*c',
    'w*.ex*le.com',
    'google',
    'GOOGLE',
    'ä*',
    '*οδ*',
    '"*llc"',
  ),
  fc.string({ minLength: 1, maxLength: 4 }).map(quoted),
)

function quoted(text: string): string {
  return `"${text.replaceAll(/[\\"*]/g, '\\$&')}"`
}

const addresses: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...ADDRESSES, ...ADDRESSES6),
  fc.tuple(fc.constantFrom(...ADDRESSES), fc.nat({ max: 32 })).map(([address, prefix]) => `${address}/${prefix}`),
  fc.tuple(fc.constantFrom(...ADDRESSES6), fc.nat({ max: 128 })).map(([address, prefix]) => `${address}/${prefix}`),
  fc.constantFrom('10.*', '10.*.1', '192.168.1*', '*.1', '1*', '*.*.*.*', '*', '*0*', '2001:db8:*'),
  fc.constantFrom('10.0.0.1..10.0.0.2', '0.0.0.0..10.1.5.1', '::..2001:db8::1', '2001:db8::1..fe80::1'),
)

const macs = fc.constantFrom(...MACS, '00:1b:21:*', '00:*', '00:1b:21:0a:0b:0c..ff:ff:ff:ff:ff:ff', '001b210a0b0c')

function numbers(field: Field, ranges: boolean): fc.Arbitrary<string> {
  const names = field.form === 'port' ? Object.keys(WELL_KNOWN_PORTS) : Object.keys(field.names ?? {})
  const most = Math.min(field.most, 100_000)
  const single = fc.oneof(
    fc.nat({ max: most }).map(String),
    fc.constantFrom(1, 2, 3, 5, 17, 29, 40, 443, 1000, 1500).map((number) => String(Math.min(number, field.most))),
    ...(names.length > 0 ? [fc.constantFrom(...names)] : []),
    ...(field.form === 'count' ? [fc.constantFrom('1k', '10M', '1.5k', '4Gi', '1Ki')] : []),
    ...(field.form === 'milliseconds' ? [fc.constantFrom('999ms', '10s', '1m', '0')] : []),
  )
  const range = fc
    .tuple(fc.nat({ max: most }), fc.nat({ max: most }))
    .map((ends) => ends.sort((a, b) => a - b).join('..'))
  return ranges ? fc.oneof(single, range) : single
}

function values(field: Field, op: string): fc.Arbitrary<string> {
  if (field.type === 'text') return text
  if (field.type === 'address') return addresses
  if (field.type === 'mac') return macs
  if (field.type === 'flags') return fc.constantFrom('SYN', 'SYN+ACK', 'FIN|PSH', '0', '0x1b', '255')
  if (field.name === 'ip.version') return fc.constantFrom('4', '6', 'IPv6')
  return numbers(field, op === '=' || op === '!=')
}

const alike = (field: Field) => (field.type === 'flags' ? 'number' : field.type)

const condition: fc.Arbitrary<string> = fc.constantFrom(...FIELDS).chain((field) => {
  const others = FIELDS.filter((other) => !other.sides && alike(other) === alike(field))
  return fc.oneof(
    {
      arbitrary: fc
        .constantFrom(...OPERATORS[field.type])
        .chain((op) => values(field, op).map((value) => `${field.name} ${op} ${value}`)),
      weight: 6,
    },
    fc
      .tuple(fc.constantFrom('in', 'not in'), fc.array(values(field, '='), { minLength: 1, maxLength: 4 }))
      .map(([op, list]) => `${field.name} ${op} (${list.join(', ')})`),
    fc.constant(`${field.name} exists`),
    fc
      .tuple(fc.constantFrom(...OPERATORS[field.type].filter((op) => !op.includes('~'))), fc.constantFrom(...others))
      .map(([op, other]) => `${field.name} ${op} @${other.name}`),
  )
})

const word: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    'example',
    '*.example.com',
    '10.0.0.1',
    '10.0',
    '192.168.*',
    '2001:db8::1',
    'google',
    '10.0.0.0/8',
    'ärzte',
    '*',
  ),
  fc.constantFrom(...TEXTS).map(quoted),
)

/** Texts of filters; a few say what no flow can have, and are errors. */
export const filterTexts: fc.Arbitrary<string> = fc.letrec<{ filter: string }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    { arbitrary: condition, weight: 4 },
    { arbitrary: word, weight: 1 },
    { arbitrary: tie('filter').map((filter) => `not (${filter})`), weight: 1 },
    {
      arbitrary: fc
        .tuple(fc.constantFrom(' and ', ' or ', ', ', ' '), fc.array(tie('filter'), { minLength: 2, maxLength: 4 }))
        .map(([operator, terms]) => `(${terms.join(operator)})`),
      weight: 3,
    },
  ),
})).filter
