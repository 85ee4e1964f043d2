// What is wrong with the system, as sentences with a remedy. The Health page and `netbehave doctor` say the same.
import { FINDING_LEVELS, type HealthFinding } from '@netbehave/schema/api'
import { appFindings } from './app-findings.ts'
import { exporterFindings } from './exporter-findings.ts'
import type { Observation } from './observation.ts'
import { siteFindings } from './site-findings.ts'

/** Findings at most; of more the worst are kept. */
export const MAX_FINDINGS = 200

/** The worst first. */
export function findFindings(observation: Observation): HealthFinding[] {
  return [...appFindings(observation), ...exporterFindings(observation), ...siteFindings(observation)]
    .sort((a, b) => FINDING_LEVELS.indexOf(a.level) - FINDING_LEVELS.indexOf(b.level))
    .slice(0, MAX_FINDINGS)
}
