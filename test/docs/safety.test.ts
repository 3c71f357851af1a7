import { readFileSync, readdirSync } from 'node:fs'
import { expect, it } from 'vitest'

const resources = new URL('../../runner/resources/', import.meta.url)

it('the page on safety names every type that destroys, with its proof', () => {
  const page = readFileSync(new URL('../../docs/safety.md', import.meta.url), 'utf8')
  const table = page.slice(page.indexOf('## Where something is destroyed'))
  const destroying = readdirSync(resources, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .filter((name) => {
      const folder = new URL(`${name}/`, resources)
      return readdirSync(folder)
        .filter((file) => file.endsWith('.ts'))
        .some((file) => /'destroys'|destroys:/.test(readFileSync(new URL(file, folder), 'utf8')))
    })
  expect(destroying.length).toBeGreaterThan(10)
  expect(destroying.filter((name) => !table.includes(`| \`${name}\``))).toEqual([])
})
