// Readers of option values that several commands share.
import { InvalidArgumentError } from 'commander'

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
