import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { asciiStream, asciiText, showsUtf8 } from './ascii.ts'

it.each([
  [{}, true],
  [{ LANG: 'C' }, false],
  [{ LANG: 'de_DE.UTF-8' }, true],
  [{ LANG: 'de_DE.UTF-8', LC_ALL: 'C' }, false],
  [{ LANG: 'C', LC_CTYPE: 'C.utf8' }, true],
  [{ LANG: 'POSIX', LC_ALL: '' }, false],
])('%j shows UTF-8: %s', (env, expected) => {
  expect(showsUtf8(env)).toBe(expected)
})

it('writes marks by letters of the same width', () => {
  const line = '✖ ✔ ● a · b → c … ⠋ ä \u001b[31mred\u001b[0m\n'
  const text = asciiText(line)
  expect(text).toBe('x + * a | b > c ~ * ä \u001b[31mred\u001b[0m\n')
  expect(text.length).toBe(line.length)
})

it('writes to the stream behind it', () => {
  const stream = new PassThrough() as unknown as NodeJS.WriteStream
  asciiStream(stream).write('✔ done\n')
  expect(String(stream.read())).toBe('+ done\n')
})
