const units: Readonly<Record<string, number>> = {
  B: 1,
  K: 2 ** 10,
  M: 2 ** 20,
  G: 2 ** 30,
  T: 2 ** 40,
  P: 2 ** 50,
  E: 2 ** 60,
}
/** The texts that are sizes, but for those that are too large. */
export const sizeForm =
  '^\\s*(\\d+(?:\\.\\d+)?)(?:\\s*(?:([KMGTPEkmgtpe])(?:[iI]?[bB])?|[bB]))?\\s*$'
const form = new RegExp(sizeForm)
/** From here on a size is a slip of the pen: 1024 exabytes. */
const most = 2 ** 70

/**
 * Bytes of a size as people write it (`512`, `50G`, `1.5T`, `64 KiB`, `10P`; units are powers of 1024), or null. Past 8P a number
 * holds whole multiples of its unit exactly, and others to sixteen digits.
 */
export function parseSize(text: string): number | null {
  const read = readSize(text)
  return typeof read === 'number' ? read : null
}

/** The bytes of a size, or why the text is not one: its form is wrong, or it is out of range. */
export function readSize(text: string): number | 'form' | 'range' {
  const match = form.exec(text)
  if (!match) return 'form'
  const bytes = Number(match[1]) * (units[(match[2] ?? 'B').toUpperCase()] ?? 1)
  return bytes < most ? Math.round(bytes) : 'range'
}

/** A number of bytes in the largest unit that keeps it short: `50G`, `1.5T`, `731B`. */
export function sizeText(bytes: number): string {
  const unit = (['E', 'P', 'T', 'G', 'M', 'K'] as const).find((name) => bytes >= units[name]!)
  if (!unit) return `${bytes}B`
  return `${Number((bytes / units[unit]!).toFixed(1))}${unit}`
}
