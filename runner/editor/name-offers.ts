import { functionNames } from '../source/expression-faults.ts'
import { cursorMark, type Cursor } from '../source/cursor.ts'
import { follow, isFault, type Names, type Shape } from '../source/known-names.ts'
import { textFunctions } from '../source/text.ts'
import type { Offer } from './offer.ts'
import type { SeenText } from './open-playbook.ts'

/** Names, fields and functions where the cursor stands in a template or an expression; null elsewhere. */
export function nameOffers(cursor: Cursor, seen: readonly SeenText[]): readonly Offer[] | null {
  const found = seen.find(({ computed }) => computed.text.includes(cursorMark))
  if (!found) return null
  const before = found.computed.text.slice(0, found.computed.text.indexOf(cursorMark))
  if (found.language === 'template' && before.lastIndexOf('{{') <= before.lastIndexOf('}}'))
    return null
  const path = cursor.word.split('.').slice(0, -1)
  return path.length > 0
    ? fieldOffers(found.names, path)
    : [...rootOffers(found.names), ...functionOffers(found.language)]
}

function rootOffers({ known }: Names): readonly Offer[] {
  return [...known].map(([word, shape]) => ({
    word,
    kind: 'name' as const,
    about: shapeWords(shape),
  }))
}

function fieldOffers({ known }: Names, [root, ...rest]: readonly string[]): readonly Offer[] {
  const shape = known.get(root!)
  const found = shape && follow(shape, rest, root!)
  if (!found || isFault(found) || found.kind !== 'map') return []
  return [...found.fields].map(([word, field]) => ({
    word,
    kind: 'name' as const,
    about: shapeWords(field),
  }))
}

function functionOffers(language: SeenText['language']): readonly Offer[] {
  const words = language === 'template' ? textFunctions.keys() : functionNames
  return [...words].map((word) => ({ word, kind: 'function' as const, about: '' }))
}

/** What is known of a value before anything runs. */
export function shapeWords(shape: Shape): string {
  switch (shape.kind) {
    case 'any':
      return 'A value that is known when the playbook runs.'
    case 'value':
      return `A value: ${shape.type}.`
    case 'list':
      return 'A list.'
    case 'map':
      return `A map with ${[...shape.fields.keys()].slice(0, 12).join(', ')}${shape.open ? ' and other fields' : ''}.`
  }
}
