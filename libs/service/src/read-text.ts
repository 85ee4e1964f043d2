// Text of a flag or a variable → the type that the schema wants. Lists are separated by commas. What cannot be read stays
// text, which the schema then refuses in its own words.
import { z } from 'zod'
import { innerType } from './inner-type.ts'

const TRUE = ['true', '1', 'yes', 'on']
const FALSE = ['false', '0', 'no', 'off']

export function readText(schema: z.ZodType, text: string): unknown {
  const type = innerType(schema)
  if (type instanceof z.ZodNumber) return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text)
  if (type instanceof z.ZodBoolean) {
    if (TRUE.includes(text.toLowerCase())) return true
    return FALSE.includes(text.toLowerCase()) ? false : text
  }
  if (type instanceof z.ZodArray) {
    const parts = text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]))
    return parts.map((part) => readText(type.element as z.ZodType, part))
  }
  return text
}
