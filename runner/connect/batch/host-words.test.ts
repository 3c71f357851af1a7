import { expect, it } from 'vitest'
import { words } from './host-words.ts'

const tries = Array.from(
  { length: 12 },
  (_, i) =>
    `E0412 10:00:0${i % 10}.123456   12345 memcache.go:265] couldn't get current server API group list`,
)
const refused =
  'The connection to the server localhost:8080 was refused - did you specify the right host or port?'

it('leaves out the log of a program of Kubernetes where it says what is wrong', () => {
  expect(words([...tries, refused].join('\n'), '')).toBe(refused)
})

it('keeps the last line of a log that says nothing else', () => {
  expect(words(tries.join('\n'), '')).toContain('memcache.go')
  expect(words(tries.join('\n'), '')).not.toContain(' / ')
})
