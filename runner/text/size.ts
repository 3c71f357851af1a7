const units: Readonly<Record<string, number>> = {
  B: 1,
  K: 2 ** 10,
  M: 2 ** 20,
  G: 2 ** 30,
  T: 2 ** 40,
  P: 2 ** 50,
}

/** Bytes of a size as people write it (`512`, `50G`, `1.5T`, `64 KiB`; units are powers of 1024), or null. */
export function parseSize(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*(?:([KMGTP])(?:i?B)?|B)?$/i.exec(text.trim())
  if (!match) return null
  const bytes = Number(match[1]) * (units[(match[2] ?? 'B').toUpperCase()] ?? 1)
  return Number.isSafeInteger(Math.round(bytes)) ? Math.round(bytes) : null
}

/** A number of bytes in the largest unit that keeps it short: `50G`, `1.5T`, `731B`. */
export function sizeText(bytes: number): string {
  const unit = (['P', 'T', 'G', 'M', 'K'] as const).find((name) => bytes >= units[name]!)
  if (!unit) return `${bytes}B`
  return `${Number((bytes / units[unit]!).toFixed(1))}${unit}`
}
