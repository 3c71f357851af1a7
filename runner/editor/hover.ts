import { manualOf, paramWords } from '../manual/type-manual.ts'
import { readmeOf } from '../manual/readme.ts'
import { inputKeys } from '../playbook/declared-inputs.ts'
import { playKeywords, taskKeywords, verbKeywords } from '../playbook/keywords.ts'
import { cursorMark, type Cursor } from '../source/cursor.ts'
import { followName, isFault } from '../source/known-names.ts'
import { shapeWords } from './name-offers.ts'
import type { OpenPlaybook } from './open-playbook.ts'
import { mapPlace } from './task-place.ts'

/** What the word at the cursor means, in Markdown; null where nothing is known of it. */
export function hoverAt(
  cursor: Cursor,
  { types, seen }: Pick<OpenPlaybook, 'types' | 'seen'>,
): string | null {
  if (cursor.part === 'value') return nameWords(cursor, seen)
  const place = mapPlace(cursor.path, cursor, types)
  switch (place.kind) {
    case 'task': {
      const type = types.get(cursor.word)
      if (type) return manualOf(type, readmeOf(type.name))
      return keywordWords(cursor.word, { ...verbKeywords, ...taskKeywords })
    }
    case 'play':
      return keywordWords(cursor.word, playKeywords)
    case 'input':
      return keywordWords(cursor.word, inputKeys)
    case 'params': {
      const schema = place.schema.properties?.[cursor.word]
      return schema ? `**${place.type.name}.${cursor.word}**\n\n${paramWords(schema)}` : null
    }
    case 'playbook':
    case 'other':
      return null
  }
}

function keywordWords(
  word: string,
  keywords: Readonly<Record<string, { readonly description: string }>>,
): string | null {
  return Object.hasOwn(keywords, word) ? `**${word}**\n\n${keywords[word]!.description}` : null
}

function nameWords(cursor: Cursor, seen: OpenPlaybook['seen']): string | null {
  const found = seen.find(({ computed }) => computed.text.includes(cursorMark))
  if (!found || cursor.word === '') return null
  // Of `facts.sp` the part is meant that the cursor is on, with what leads to it.
  const dot = cursor.word.indexOf('.', cursor.offset - cursor.start)
  const path = dot < 0 ? cursor.word : cursor.word.slice(0, dot)
  const shape = followName(found.names, path.split('.'))
  return isFault(shape) ? null : `**${path}**\n\n${shapeWords(shape)}`
}
