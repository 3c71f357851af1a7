import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { labCommands } from '../../lab/commands/index.ts'
import { services } from '../../lab/csm/gateway.ts'
import { serviceTranscripts } from '../conformance/transcripts.ts'
import { transcripts } from '../transcripts/steps.ts'

// docs/conformance.md and the lab say the same: each route of the lab is in a table of the page, and each row of a table is a route.

const page = readFileSync(join(import.meta.dirname, '../../docs/conformance.md'), 'utf8')
const [beforeCommands = '', commandsText = ''] = page.split('## Commands of the nodes')
const routesText = beforeCommands.split('## Routes')[1] ?? ''
const notPlayed = 'not played'

function cells(line: string): readonly string[] {
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim())
}
function bare(cell: string): string {
  return cell.replace(/^`|`$/g, '')
}

/** The rows of the page below each prefix, as `METHOD /path: source`. */
const onPage = routesText
  .split('\n### ')
  .slice(1)
  .flatMap((section) => {
    const prefix = /\bBelow `([^`]+)`:$/m.exec(section)?.[1] ?? ''
    return section
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .flatMap((line) => {
        const [path = '', methods = '', source = ''] = cells(line)
        return methods
          .split(', ')
          .map((method) => `${method} ${prefix}${bare(path)}: ${bare(source)}`)
      })
  })
const inLab = services.flatMap(({ prefix, routes, unplayed }) => [
  ...routes.map(
    ({ method, path, since, source }) =>
      `${method}${since ? ` (from ${since})` : ''} ${prefix}${path}: ${source}`,
  ),
  ...unplayed.map((each) => `${each.replace(' ', ` ${prefix}`)}: ${notPlayed}`),
])

describe('docs/conformance.md', () => {
  it('has each route of the lab with its source, each that is not played, and no other', () => {
    expect(onPage.toSorted()).toEqual(inLab.toSorted())
  })

  it('has each transcript of a service with the release that plays it', () => {
    const rows = beforeCommands
      .split('\n')
      .filter((line) => /^\| `(?:ims|cfs|bos|smd|sls|pcs)-[^`]+` +\| [A-Z]{3} /.test(line))
      .map(cells)
      .map(([name = '', , release]) => `${bare(name)} ${release}`)
    expect(rows.toSorted()).toEqual(
      serviceTranscripts.map((each) => `${each.name} ${each.lab_release}`).toSorted(),
    )
  })

  it('lists the commands that were not recorded, with what they were read in', () => {
    const recorded = new Set(
      Object.values(transcripts)
        .flat()
        .flatMap((step) => ('run' in step ? (step.run.match(/[\w.]+/g) ?? []) : [])),
    )
    const listed = commandsText
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .flatMap((line) => [...cells(line)[0]!.matchAll(/`([^`]+)`/g)].map((match) => match[1]!))
    expect(listed.sort()).toEqual(
      [...new Set(labCommands.flatMap((command) => command.names))]
        .filter((name) => !recorded.has(name))
        .sort(),
    )
  })
})
