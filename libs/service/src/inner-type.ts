// What a zod schema is below its defaults.
import { z } from 'zod'

/** The type below `.default()`, `.optional()`, `.nullable()`. */
export function innerType(schema: z.ZodType): z.ZodType {
  let type = schema
  while (
    type instanceof z.ZodDefault ||
    type instanceof z.ZodOptional ||
    type instanceof z.ZodNullable ||
    type instanceof z.ZodPrefault
  ) {
    type = type.unwrap() as z.ZodType
  }
  return type
}
