const intervals = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000 } as const

/** Milliseconds of an age as IMS, CFS and BOS read it: for each unit the first number that stands somewhere before it. */
export function ageIn(text: string): number {
  return Object.entries(intervals).reduce((sum, [unit, length]) => {
    const count = new RegExp(`(\\d+)\\w*${unit}`, 'i').exec(text)?.[1]
    return sum + (count === undefined ? 0 : Number(count) * length)
  }, 0)
}
