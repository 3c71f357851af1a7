import type { Located } from '../source/located.ts'
import type { Written } from './written.ts'

/** A value of a YAML file in which nothing is computed. */
export function writtenLocated(located: Located): Written {
  const { at } = located
  switch (located.kind) {
    case 'scalar':
      return { kind: 'scalar', value: located.value, text: located.text, at }
    case 'list':
      return { kind: 'list', items: located.items.map(writtenLocated), at }
    case 'map':
      return {
        kind: 'map',
        entries: new Map(
          [...located.entries].map(([key, entry]) => [
            key,
            { at: entry.keyAt, value: writtenLocated(entry.value) },
          ]),
        ),
        at,
      }
  }
}
