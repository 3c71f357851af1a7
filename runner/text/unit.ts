import { durationText } from './duration.ts'
import { sizeText } from './size.ts'

/** What a number counts, where it is printed as people write it. */
export type Unit = 'size' | 'duration'

/** The unit that a format of a schema gives its numbers, or null. */
export function unitOf(format: string | undefined): Unit | null {
  return format === 'size' || format === 'duration' ? format : null
}

/** A number in its unit: `70.6G`, `1h 30m`. */
export function unitText(unit: Unit, value: number): string {
  return unit === 'size' ? sizeText(value) : durationText(value)
}
