// RDAP answers about a network in the shape that each registry gives them: members, order of entities, remarks, extensions. Names,
// organisations and people are made up.
export interface TestNetwork {
  readonly start: string
  readonly end: string
  readonly name: string
  readonly org: string
  readonly country?: string
}

type Json = Record<string, unknown>

const card = (properties: [string, string][]): unknown => [
  'vcard',
  [['version', {}, 'text', '4.0'], ...properties.map(([name, value]) => [name, {}, 'text', value])],
]

const entity = (handle: string, roles: string[], properties: [string, string][], more: Json = {}): Json => ({
  objectClassName: 'entity',
  handle,
  vcardArray: card(properties),
  roles,
  ...more,
})

const versionOf = ({ start }: TestNetwork): string => (start.includes(':') ? 'v6' : 'v4')

export function arin({ start, end, name, org }: TestNetwork): Json {
  return {
    rdapConformance: ['nro_rdap_profile_0', 'rdap_level_0', 'cidr0', 'arin_originas0'],
    notices: [{ title: 'Terms of Service', description: ['By using the service you agree.'], links: [] }],
    handle: 'NET-EXAMPLE-1',
    startAddress: start,
    endAddress: end,
    ipVersion: versionOf({ start, end, name, org }),
    name,
    type: 'DIRECT ALLOCATION',
    parentHandle: 'NET-EXAMPLE-0',
    events: [{ eventAction: 'last changed', eventDate: '2014-03-14T15:52:05-04:00' }],
    links: [],
    remarks: [{ title: 'Registration Comments', description: ['Please write to abuse at example dot com.'] }],
    entities: [
      entity(
        'EXAMPLE-1',
        ['registrant'],
        [
          ['fn', org],
          ['kind', 'org'],
        ],
        {
          entities: [
            entity(
              'NOC-EXAMPLE',
              ['abuse', 'technical'],
              [
                ['fn', 'Example Desk'],
                ['kind', 'group'],
              ],
            ),
          ],
        },
      ),
    ],
    port43: 'whois.arin.net',
    status: ['active'],
    objectClassName: 'ip network',
    cidr0_cidrs: [],
    arin_originas0_originautnums: [64496],
  }
}

export function ripe({ start, end, name, org, country = 'NL' }: TestNetwork): Json {
  return {
    handle: `${start} - ${end}`,
    startAddress: start,
    endAddress: end,
    ipVersion: versionOf({ start, end, name, org }),
    name,
    type: 'ASSIGNED PA',
    country,
    parentHandle: 'EXAMPLE-PARENT',
    cidr0_cidrs: [],
    status: ['active'],
    entities: [
      entity(
        'EXAMPLE-MNT',
        ['registrant'],
        [
          ['fn', 'EXAMPLE-MNT'],
          ['kind', 'individual'],
        ],
      ),
      entity(
        'EX1-RIPE',
        ['administrative', 'technical'],
        [
          ['fn', 'Example Desk'],
          ['kind', 'group'],
        ],
      ),
      entity(
        'ORG-EX1-RIPE',
        ['registrant'],
        [
          ['fn', org],
          ['kind', 'org'],
        ],
      ),
    ],
    remarks: [{ title: 'description', description: ['a network in a sentence', 'and a second line'] }],
    links: [],
    events: [],
    rdapConformance: ['nro_rdap_profile_0', 'cidr0', 'rdap_level_0', 'redacted'],
    objectClassName: 'ip network',
    port43: 'whois.ripe.net',
  }
}

/** Without an organisation: the description says it. */
export function apnic({ start, end, name, org, country = 'JP' }: TestNetwork): Json {
  return {
    rdapConformance: ['history_version_0', 'nro_rdap_profile_0', 'cidr0', 'rdap_level_0'],
    country,
    entities: [
      entity(
        'IRT-EXAMPLE-AP',
        ['abuse'],
        [
          ['fn', 'IRT-EXAMPLE-AP'],
          ['kind', 'group'],
        ],
      ),
      entity(
        'EX1-AP',
        ['technical', 'administrative'],
        [
          ['fn', 'Example Desk'],
          ['kind', 'group'],
        ],
      ),
      entity(
        'EX2-AP',
        ['registrant'],
        [
          ['fn', 'A. Person'],
          ['kind', 'individual'],
        ],
      ),
    ],
    remarks: [
      { title: 'remarks', description: ['see the abuse contact'] },
      { title: 'description', description: [org, 'Example City'] },
    ],
    startAddress: start,
    endAddress: end,
    ipVersion: versionOf({ start, end, name, org }),
    name,
    objectClassName: 'ip network',
    port43: 'whois.apnic.net',
    status: ['active'],
    type: 'ASSIGNED NON-PORTABLE',
  }
}

/** Without a name, the registrant does not say what it is. */
export function lacnic({ start, end, org, name }: TestNetwork): Json {
  return {
    rdapConformance: ['nro_rdap_profile_0', 'rdap_level_0', 'lacnic_level_0'],
    objectClassName: 'ip network',
    handle: name,
    startAddress: start,
    endAddress: end,
    ipVersion: versionOf({ start, end, name, org }),
    type: 'allocated',
    status: ['active'],
    entities: [entity('UY-EXAM-LACNIC', ['registrant'], [['fn', org]])],
    lacnic_legalRepresentative: 'somebody',
    lacnic_originAutnum: ['AS64497'],
    port43: 'whois.lacnic.net',
  }
}

/** Addresses with their length behind them, remarks without a title. */
export function afrinic({ start, end, name, org, country = 'MU' }: TestNetwork): Json {
  return {
    handle: `${start} - ${end}`,
    startAddress: `${start}/32`,
    endAddress: `${end}/32`,
    ipVersion: versionOf({ start, end, name, org }),
    name,
    type: 'ASSIGNED PI',
    country,
    entities: [entity('EXAMPLE-MNT', ['registrant'], [['fn', 'EXAMPLE-MNT']])],
    remarks: [{ description: [org] }],
    port43: 'whois.afrinic.net',
    rdapConformance: ['rdap_level_0', 'nro_rdap_profile_0'],
    objectClassName: 'ip network',
  }
}
