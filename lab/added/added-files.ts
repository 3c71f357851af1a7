import type { LocatedEntry } from '../../runner/source/located.ts'
import { parseMode } from '../../runner/text/mode.ts'
import type { ImageFile } from '../node/node-model.ts'
import { keyOf, namedFile, textAt, type Reading } from './lab-yaml.ts'

/** Paths that a kernel or the lab itself makes at each boot: a file there would not last. */
const live = /^\/(?:proc|sys|dev|run)(?:\/|$)/

/** A file of the image of nodes; null, and a fault, where it cannot be one. */
export function addedFile(reading: Reading, { key, keyAt, value }: LocatedEntry): ImageFile | null {
  if (!isImagePath(key)) {
    const hint = live.test(key)
      ? 'give a path below /etc, /opt, /root or /var'
      : `write the whole path on the node: /${key.replace(/^[./]+/, '')}`
    reading.report('lab/with-name', `${key} is not the path of a file of an image`, keyAt, hint)
    return null
  }
  const written = textAt(value, 'mode') ?? '0644'
  const mode = parseMode(written)
  if (mode === null)
    reading.report(
      'lab/with-value',
      `'${written}' is not a mode`,
      keyOf(value, 'mode')!.at,
      'write octal digits: mode: "0644"',
    )
  const content = contentOf(reading, value, key)
  return content === null || mode === null
    ? null
    : { path: key, content, mode: Number.parseInt(mode, 8) }
}

function isImagePath(path: string): boolean {
  return path.startsWith('/') && !live.test(path) && !/\/(?:\.{0,2})(?:\/|$)/.test(path)
}

function contentOf(reading: Reading, value: LocatedEntry['value'], path: string): Buffer | null {
  if (value.kind !== 'map') return namedFile(reading, value)
  const src = keyOf(value, 'src')
  const content = textAt(value, 'content')
  if ((src === undefined) === (content === undefined)) {
    reading.report(
      'lab/with-value',
      `${path} has ${src ? 'src and content' : 'neither src nor content'}`,
      value.at,
      'write one of them: src: files/NAME, or content: "a text"',
    )
    return null
  }
  return src ? namedFile(reading, src) : Buffer.from(content!)
}
