// A zone in which it is now a wanted hour, so that a test near midnight is the same test at any time of the day.

/** IANA name of a zone of whole hours from UTC in which the clock now shows `hour`. Etc/GMT-5 is UTC+5 (IANA tzdata). */
export function zoneWhereItIs(hour: number, nowMs: number): string {
  const offset = ((hour - new Date(nowMs).getUTCHours() + 36) % 24) - 12
  return `Etc/GMT${offset > 0 ? '-' : '+'}${Math.abs(offset)}`
}
