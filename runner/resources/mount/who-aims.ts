import type { StatReading } from '../../contract/probe.ts'

/**
 * Who but root could put another folder, or a link, into the place of one while it is mounted: the owner of the folder above, or others
 * who may write to that. With the sticky bit (/tmp) only the owner of the place itself.
 */
export function whoAims(above: StatReading, place: StatReading): string | null {
  if (!above.exists) return null
  if (above.uid !== 0) return above.owner
  const mode = Number.parseInt(above.mode, 8)
  if ((mode & 0o022) === 0) return null
  if ((mode & 0o1000) === 0) return 'others'
  return place.exists && place.uid !== 0 ? place.owner : null
}
