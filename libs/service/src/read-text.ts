// Text of a flag or a variable → the type that the schema wants. Lists are separated by commas.
import { z } from 'zod'
import { innerType } from './inner-type.ts'

const TRUE = ['true', '1', 'yes', 'on']
const FALSE = ['false', '0', 'no', 'off']

/** The value, or an Error whose message says what the text should have been. */
export function readText(schema: z.ZodType, text: string): unknown {
  const type = innerType(schema)
  if (type instanceof z.ZodNumber) {
    const value = Number(text)
    return text.trim() === '' || Number.isNaN(value) ? new Error(`"${text}" is not a number`) : value
  }
  if (type instanceof z.ZodBoolean) {
    if (TRUE.includes(text.toLowerCase())) return true
    return FALSE.includes(text.toLowerCase()) ? false : new Error(`"${text}" is neither true nor false`)
  }
  if (type instanceof z.ZodArray) {
    const parts = text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]))
    const items = parts.map((part) => readText(type.element as z.ZodType, part))
    return items.find((item) => item instanceof Error) ?? items
  }
  return text
}
