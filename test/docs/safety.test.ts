import { readFileSync, readdirSync } from 'node:fs'
import { expect, it } from 'vitest'

const resources = new URL('../../runner/resources/', import.meta.url)

it('the page on safety names every type that destroys, with its proof', () => {
  const page = readFileSync(new URL('../../docs/safety.md', import.meta.url), 'utf8')
  const table = page.slice(page.indexOf('## Where something is destroyed'))
  const destroying = readdirSync(resources, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .filter((name) =>
      readFileSync(new URL(`${name}/index.ts`, resources), 'utf8').includes("'destroys'"),
    )
  expect(destroying.length).toBeGreaterThan(5)
  expect(destroying.filter((name) => !table.includes(`| \`${name}\``))).toEqual([])
})
