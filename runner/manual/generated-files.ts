import { existsSync, readdirSync } from 'node:fs'
import { extname, join } from 'node:path'
import { codes } from '../model/codes.ts'
import { facts } from '../model/facts.ts'
import type { AnyResourceType } from '../contract/resource.ts'
import { inventorySchema } from '../inventory/inventory-schema.ts'
import { configSchema } from '../config/config-schema.ts'
import { settings, variableOf } from '../config/settings.ts'
import { casesSchema } from '../manifest/case-schema.ts'
import { manifestSchema } from '../manifest/manifest-schema.ts'
import { playbookSchema } from '../playbook/playbook-schema.ts'
import { eventFields, eventSchema } from '../report/event-schema.ts'
import { decisionsIn, decisionsIndex } from './decisions-index.ts'
import { indexOf, manualOf, table } from './type-manual.ts'
import { readmeOf } from './readme.ts'
import { shippedFolder } from '../files/shipped-folder.ts'
import { registryFile, typeFolders } from './registry.ts'

/** What is generated: each file's path from the package's folder with its text, and generated files that should not be there. */
export interface Generated {
  readonly files: ReadonlyMap<string, string>
  readonly orphans: readonly string[]
}

const byHand = '<!-- Written by `npm run generate`: change what it is made of, not this page. -->'
const typesFolder = 'docs/types'

/** Makes every generated file, in memory. */
export async function generatedFiles(): Promise<Generated> {
  const resources = join(shippedFolder(), 'runner/resources')
  const types = await loadTypes(resources)
  const files = new Map<string, string>([
    ['runner/resources/index.generated.ts', registryFile(resources).text],
    ['schemas/playbook.schema.json', json(playbookSchema(types))],
    ['schemas/inventory.schema.json', json(inventorySchema())],
    ['schemas/config.schema.json', json(configSchema())],
    ['docs/configuration.md', configurationPage()],
    ['schemas/event.schema.json', json(eventSchema())],
    ['schemas/resource.schema.json', json(manifestSchema)],
    ['schemas/cases.schema.json', json(casesSchema)],
    ['docs/errors.md', errorsPage()],
    ['docs/events.md', eventsPage()],
    ['docs/facts.md', factsPage()],
    [
      'docs/decisions/README.md',
      page(decisionsIndex(decisionsIn(join(shippedFolder(), 'docs/decisions')))),
    ],
    [`${typesFolder}/index.md`, page(indexOf(types))],
    ...types.map(
      (type) =>
        [`${typesFolder}/${type.name}.md`, page(manualOf(type, readmeOf(type.name)))] as const,
    ),
  ])
  const pages = existsSync(join(shippedFolder(), typesFolder))
    ? readdirSync(join(shippedFolder(), typesFolder))
    : []
  return {
    files,
    orphans: pages.map((name) => `${typesFolder}/${name}`).filter((path) => !files.has(path)),
  }
}

/** The types of the folders that there are now: the registry that was compiled may be older. */
async function loadTypes(resources: string): Promise<readonly AnyResourceType[]> {
  const compiled = join(import.meta.dirname, '../resources')
  const types = await Promise.all(
    typeFolders(resources).map(async ({ folder, name }) => {
      const module = (await import(
        join(compiled, folder, `index${extname(import.meta.filename)}`)
      )) as Record<string, AnyResourceType>
      return module[name]!
    }),
  )
  return types.sort((a, b) => (a.name < b.name ? -1 : 1))
}

function errorsPage(): string {
  const areas = [...new Set(Object.keys(codes).map((code) => code.split('/')[0]!))]
  const sections = areas.map((area) => {
    const rows = Object.entries(codes)
      .filter(([code]) => code.startsWith(`${area}/`))
      .map(([code, what]) => [`\`${code}\``, what])
    return `## ${area}\n\n${table(['code', 'what it means'], rows)}`
  })
  return page(
    `# Error codes\n\nEach error and warning ends with its code. Errors that are found before a run has begun are shown all at once, with exit code 3: nothing was touched.\n\n${sections.join('\n\n')}\n`,
  )
}

function eventsPage(): string {
  const sections = Object.entries(eventFields).map(([type, { about, fields, optional }]) => {
    const rows = Object.entries<{ readonly description: string }>(fields).map(([name, field]) => [
      `\`${name}\`${optional?.includes(name) ? ' (may be left out)' : ''}`,
      field.description,
    ])
    return `## ${type}\n\n${about}\n\n${table(['field', 'what it is'], rows)}`
  })
  return page(
    `# Events\n\n\`trueup run PLAYBOOK --output json\` prints one event a line; [event.schema.json](../schemas/event.schema.json) describes each of them. Secrets show as \`(secret name)\`.\n\n${sections.join('\n\n')}\n`,
  )
}

function factsPage(): string {
  const rows = Object.entries(facts).map(([name, { schema }]) => [
    `\`facts.${name}\``,
    schema.type === 'string' ? 'text' : schema.type,
    schema.description,
  ])
  const otherFacts =
    '```yaml\n- read: how much memory there is\n  command: { cmd: "awk \'/^MemTotal/ { print $2 }\' /proc/meminfo", ahead: true }\n  register: memory\n- require: it is enough for a build\n  that: int(memory.stdout) > 16000000\n```\n'
  return page(
    `# Facts\n\nOnly those that a playbook uses are read, and with the first readings of a play: they cost no round trip of their own.\n\n${table(['fact', 'type', 'what it is'], rows)}\n\n## What is not a fact\n\nA task reads it, and later ones use its register. A \`command\` whose output is JSON gives it as \`json\`.\n\n${otherFacts}`,
  )
}

function configurationPage(): string {
  const rows = settings.map((setting) => [
    `\`${setting.name}\``,
    setting.description,
    setting.otherwise,
    `\`${variableOf(setting)}\``,
  ])
  const example =
    '```yaml\n# yaml-language-server: $schema=…/schemas/config.schema.json\ninventory: [inventory]\nforks: 20\nkeep_runs: { age: 90d, size: 1G }\ntypes: [/usr/local/share/trueup/types]\non_end: { command: [logger, -t, trueup] }\n```\n'
  const precedence = table(
    ['strongest first', 'what it is'],
    [
      ['options of the command line', 'always win'],
      ['`TRUEUP_*`', 'environment variables; lists of paths have `:` between them'],
      [
        '`trueup.yaml`',
        'the nearest one in this folder or a folder above it: the configuration of a project',
      ],
      ['`~/.config/trueup/config.yaml`', "the user's own (`XDG_CONFIG_HOME` is heeded)"],
      ['`/etc/trueup/config.yaml`', "the system's; it alone may name `trusted_groups`"],
    ],
  )
  return page(
    `# Configuration\n\nA configuration file holds what would be typed again and again. \`trueup config\` shows each setting, its value and where it comes from. A path in a file is relative to that file. A file that another user could write is refused; so are a setting that does not exist and a value of the wrong kind, with the line.\n\n${example}\n## What wins\n\n${precedence}\n## Settings\n\n${table(['setting', 'what it says', 'default', 'variable'], rows)}\n## The end of a run\n\nAfter a run or an apply, \`on_end.command\` reads one line of JSON on its standard input, and \`on_end.webhook\` gets it by POST: \`run\`, \`playbook\`, \`title\`, \`mode\`, \`exit\`, and the names of the hosts that \`failed\`, were \`unreachable\` or \`changed\`. No output of a host is in it. Each has 30 seconds. What goes wrong is a warning; the exit code of the run stays.\n`,
  )
}

function page(markdown: string): string {
  return `${byHand}\n\n${markdown}`
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
