// Numbers as text ⇄ integers: digits, hexadecimal, `10M` and `10Mi`, times with a unit, names. Fails: undefined for what is none.
import { nameOf, numberOf } from './enumerations.ts'
import type { Field } from './fields.ts'
import type { PortNames } from './ports.ts'

const DECIMAL: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, g: 1e9, t: 1e12, p: 1e15 }
const BINARY: Readonly<Record<string, number>> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40, p: 2 ** 50 }
const MILLISECONDS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const

/** One number of a field, not checked against its limits. */
export function readNumber(field: Field, text: string, ports: PortNames): number | undefined {
  if (/^\d+$/.test(text)) return Number(text)
  if (/^0x[0-9a-f]+$/i.test(text)) return Number.parseInt(text.slice(2), 16)
  if (field.type === 'flags') return readFlags(field, text)
  if (field.names) return numberOf(field.names, text)
  switch (field.form) {
    case 'port':
      return numberOf(ports, text)
    case 'count':
      return readCount(text)
    case 'milliseconds':
      return readMilliseconds(text)
    case 'plain':
      return undefined
  }
}

function readCount(text: string): number | undefined {
  const [, digits, letter, binary] = /^(\d+(?:\.\d+)?)([kmgtp])(i?)b?$/i.exec(text) ?? []
  if (!digits) return undefined
  return whole(Number(digits) * (binary ? BINARY : DECIMAL)[letter!.toLowerCase()]!)
}

function readMilliseconds(text: string): number | undefined {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? []
  return digits ? whole(Number(digits) * MILLISECONDS[unit as keyof typeof MILLISECONDS]) : undefined
}

/** 1.1 times 1000 is a hair more than 1100 in binary fractions. */
function whole(number: number): number | undefined {
  const rounded = Math.round(number)
  return Math.abs(number - rounded) < 0.001 ? rounded : undefined
}

/** `SYN`, `SYN+ACK`, `SYN|ACK`. */
function readFlags(field: Field, text: string): number | undefined {
  let bits = 0
  for (const name of text.split(/[+|]/)) {
    const bit = numberOf(field.names!, name)
    if (bit === undefined) return undefined
    bits |= bit
  }
  return bits
}

/** Canonical text: the first name, flags joined by `+`, times in their largest whole unit, else digits. */
export function formatNumber(field: Field, number: number): string {
  if (field.type === 'flags') return formatFlags(field, number)
  if (field.form === 'milliseconds') return formatMilliseconds(number)
  return (field.names && nameOf(field.names, number)) ?? String(number)
}

function formatFlags(field: Field, bits: number): string {
  const names = Object.entries(field.names!).filter(([, bit]) => (bits & bit) !== 0)
  return names.map(([name]) => name).join('+') || '0'
}

function formatMilliseconds(number: number): string {
  if (number === 0) return '0'
  const unit = Object.entries(MILLISECONDS).find(([, size]) => number % size === 0)!
  return `${number / unit[1]}${unit[0]}`
}
