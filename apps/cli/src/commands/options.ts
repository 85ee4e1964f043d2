// Readers of option values that several commands share.
import { isIP } from 'node:net'
import { InvalidArgumentError, Option } from 'commander'
import { type HostPort, parseHostPort } from '../listen-address.ts'

/** An option that may be given several times. */
export const collectValues = (value: string, before: string[] = []): string[] => [...before, value]

/** A whole number of at least `least`. */
export const wholeNumber =
  (least: number, most = Number.MAX_SAFE_INTEGER) =>
  (value: string): number => {
    const number = Number(value)
    if (!/^\d+$/.test(value) || number < least || number > most) {
      throw new InvalidArgumentError(
        `Write a whole number from ${least}${most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`}.`,
      )
    }
    return number
  }

/** An address of either family, in its usual spelling. */
export function ipAddress(value: string): string {
  if (isIP(value) === 0) throw new InvalidArgumentError('Write an address like 192.0.2.1 or 2001:db8::1.')
  return value
}

export function hostPort(value: string): HostPort {
  const address = parseHostPort(value)
  if (!address) throw new InvalidArgumentError('Write HOST:PORT, for example 127.0.0.1:2055 or [::1]:2055.')
  return address
}

/** A number above 0, fractions too. */
export function positiveNumber(value: string): number {
  const number = Number(value)
  if (!(number > 0 && number < Infinity)) throw new InvalidArgumentError('Write a number above 0.')
  return number
}

/** How a command finds a running copy and its data. */
export const dataOption = (): Option => new Option('--data <dir>', 'data folder (default ./data)')

/** How a table is printed. */
export const tableOption = (): Option =>
  new Option('-o, --output <form>', 'table, or json').choices(['table', 'json']).default('table')
