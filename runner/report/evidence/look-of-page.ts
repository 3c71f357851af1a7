import type { Evidence } from './evidence.ts'
import type { HostStatus } from './host-results.ts'

/** The class of each outcome on the page. */
export const classes: Readonly<Record<HostStatus | 'queued', string>> = {
  failed: 'f',
  unreachable: 'u',
  interrupted: 'i',
  unknown: 'k',
  'would change': 'w',
  changed: 'c',
  ok: 'o',
  skipped: 's',
  'not begun': 'n',
  queued: 'q',
}

/** A moment as people and programs read it: `2026-11-30 06:28:45 UTC`. */
export function timeText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** A saved plan in words: its file, its digest, when it was made and who approved it. */
export function planText({ file, sha256, made, by }: NonNullable<Evidence['plan']>): string {
  return [
    file,
    ...(sha256 === undefined ? [] : [`sha256 ${sha256}`]),
    ...(made === undefined ? [] : [`made ${made}`]),
    ...(by === undefined || by === null ? [] : [`approved by ${by}`]),
  ].join(', ')
}
