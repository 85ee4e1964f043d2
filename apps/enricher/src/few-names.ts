// What clients were told of an address that few asked for, as most are: one list of numbers. With more it becomes ToldNames, which says the same.
import type { DnsSource } from '@netbehave/schema'
import type { AddressKey } from './address-key.ts'
import { NO_LABEL } from './label.ts'
import { clientBit, type FoundName, NAME_HOW, ToldNames } from './told-names.ts'

/** Three numbers a name, newest first: the client's key, the name's number in the table of names, epoch ms from which it holds. */
export type Few = readonly number[]
export const RUN = 3
/** Numbers of a list at most. */
export const MOST = 8 * RUN
/** In place of a client: told to somebody elsewhere. No key is 0. */
const SOMEBODY = 0

export type Told = Few | ToldNames

export const isFew = (told: Told): told is Few => Array.isArray(told)

/** What was told, with one more. */
export function withName(
  told: Told | undefined,
  client: AddressKey | undefined,
  source: DnsSource,
  label: number,
  firstMs: number,
): Told {
  const before = told ?? []
  if (isFew(before) && before.length < MOST && source === 'dns' && typeof client !== 'string')
    return withRun(before, client ?? SOMEBODY, label, firstMs)
  const many = isFew(before) ? toMany(before) : before
  many.add(client, source, label, firstMs)
  return many
}

/** ToldNames.find, among the few whose numbers are at `from` to `to`. */
export function findAmong(
  numbers: ArrayLike<number>,
  from: number,
  to: number,
  client: AddressKey | undefined,
  atMs: number,
  skewMs: number,
  found: FoundName,
): void {
  found.how = NAME_HOW.client
  found.label = typeof client === 'number' ? labelAt(numbers, from, to, client, atMs, skewMs) : NO_LABEL
  if (found.label !== NO_LABEL) return
  found.label = labelAt(numbers, from, to, undefined, atMs, skewMs)
  found.how = found.label === NO_LABEL ? NAME_HOW.none : NAME_HOW.other
}

/** Names that it holds. */
export const countNames = (told: Told | undefined): number =>
  told === undefined ? 0 : isFew(told) ? told.length / RUN : told.runs

/** What most look-ups need: the newest name of anybody and from when it holds, which clients may have names of their own, and if there is one from the hosts file. */
export function summarise(told: Told): { newest: number; newestMs: number; clientBits: number; hasLocal: boolean } {
  if (!isFew(told)) return told
  let clientBits = 0
  for (let at = 0; at < told.length; at += RUN) if (told[at] !== SOMEBODY) clientBits |= clientBit(told[at]!)
  return { newest: told[1] ?? NO_LABEL, newestMs: told[2] ?? 0, clientBits, hasLocal: false }
}

/** The same with the numbers of another table. */
export function renumbered(told: Told, move: (label: number) => number): Told {
  if (isFew(told)) return told.map((number, at) => (at % RUN === 1 ? move(number) : number))
  told.renumber(move)
  return told
}

/** A client's newest name (anybody's where none is given) that began before; else the oldest, when it began within what clocks may differ. */
function labelAt(
  numbers: ArrayLike<number>,
  from: number,
  to: number,
  client: number | undefined,
  atMs: number,
  skewMs: number,
): number {
  let oldest = -1
  for (let at = from; at < to; at += RUN) {
    if (client !== undefined && numbers[at] !== client) continue
    if (numbers[at + 2]! <= atMs) return numbers[at + 1]!
    oldest = at
  }
  return oldest >= 0 && numbers[oldest + 2]! <= atMs + skewMs ? numbers[oldest + 1]! : NO_LABEL
}

function withRun(few: Few, client: number, label: number, firstMs: number): Few {
  let at = 0
  while (at < few.length && few[at + 2]! > firstMs) at += RUN
  // The same name again is the same run, unless somebody was told another in between.
  let older = at
  while (older < few.length && few[older + 1] === label && few[older] !== client) older += RUN
  if (older < few.length && few[older + 1] === label) return few
  // The run after began earlier than was known.
  let newer = at - RUN
  while (newer >= 0 && few[newer + 1] === label && few[newer] !== client) newer -= RUN
  const more = few.toSpliced(at, 0, client, label, firstMs)
  return newer >= 0 && few[newer + 1] === label ? more.toSpliced(newer, RUN) : more
}

function toMany(few: Few): ToldNames {
  const many = new ToldNames()
  for (let at = few.length - RUN; at >= 0; at -= RUN)
    many.add(few[at] === SOMEBODY ? undefined : few[at], 'dns', few[at + 1]!, few[at + 2]!)
  return many
}
