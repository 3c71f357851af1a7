import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Next } from './schedule.ts'

/** What a real playbook wants. */
export interface Wanted {
  /** Contents by the name of the file. */
  readonly files: Readonly<Record<string, string>>
  /** The handlers that each change owes. */
  readonly owes: Readonly<Record<string, readonly string[]>>
  /** All names that it may leave in its folder. */
  readonly names: readonly string[]
}

/**
 * A type whose repair is a slow command. It writes down that it begins, that it was not needed, and that another one is at work:
 * that mark is a lock, which dies with its process.
 */
const wordType = `type: site.word
summary: A file holds a word.
params:
  required: [file, folder]
  properties:
    file: { type: string, identity: true, description: Its name. }
    folder: { type: string, format: path, description: Its folder. }
state: { word: { type: string, description: The word; null where there is none. } }
probe: { show: { read: text, path: "{{ folder }}/{{ file }}" } }
observe: { word: { from: show, regexp: '\\S+', otherwise: null } }
desire: { word: hello }
change:
  - on: word
    title: write the word
    argv: [sh, -c, 'cd "$1" || exit; exec 9>>mark; flock -n 9 || echo "together $2" >>log; if [ -s "$2" ]; then echo "twice $2" >>log; fi; echo "change $2" >>log; sleep 0.1; echo hello >"$2"; sleep 0.1', sh, "{{ folder }}", "{{ file }}"]
`

/** Writes a random playbook into a folder: the changes and the handlers write down in `log` that they were done. */
export function writePlaybook(folder: string, next: Next): Wanted {
  const handlers = Array.from({ length: 1 + next(3) }, (_, i) => `handler-${i}`)
  const files: Record<string, string> = {}
  const owes: Record<string, readonly string[]> = {}
  const tasks = Array.from({ length: 3 + next(4) }, (_, i) => {
    const file = `f${i}`
    owes[file] = handlers.filter(() => next(2) === 0)
    const kind = kinds[next(kinds.length)]!
    files[file] = kind.content
    const notify = owes[file].length > 0 ? `        notify: [${owes[file].join(', ')}]\n` : ''
    return `${kind.text(folder, file)}${notify}`
  })
  mkdirSync(join(folder, 'types'))
  writeFileSync(join(folder, 'types', 'word.resource.yaml'), wordType)
  writeFileSync(
    join(folder, 'campaign.yaml'),
    `playbook: a campaign
plays:
  - play: on this machine
    hosts: localhost
    tasks:
${tasks.join('')}    handlers:
${handlers.map((name) => `      - run: ${name}\n        command: { cmd: "echo ${name} >>${folder}/log; sleep 0.1" }\n`).join('')}`,
  )
  return { files, owes, names: [...Object.keys(files), 'log', 'mark'] }
}

interface Kind {
  readonly content: string
  text(folder: string, file: string): string
}

const kinds: readonly Kind[] = [
  {
    content: 'hello\n',
    text: (folder, file) =>
      `      - ensure: ${file} holds a word\n        site.word: { file: ${file}, folder: ${folder} }\n`,
  },
  {
    content: 'hello\n',
    text: (folder, file) =>
      `      - ensure: ${file} holds a word after three looks\n        site.word: { file: ${file}, folder: ${folder} }\n        retries: 2\n`,
  },
  {
    content: 'copied',
    text: (folder, file) =>
      `      - ensure: ${file} is copied\n        copy: { dest: ${folder}/${file}, content: copied }\n`,
  },
  {
    content: 'made\n',
    text: (folder, file) =>
      `      - run: ${file} is made\n        command: { cmd: "cd ${folder}; if [ -s ${file} ]; then echo twice ${file} >>log; fi; echo change ${file} >>log; sleep 0.1; echo made >${file}; sleep 0.1" }\n        creates: ${folder}/${file}\n`,
  },
]

/** What is wrong at the end: contents, actions that were not needed, and handlers that did not follow the last change. */
export function faultsLeft(folder: string, { files, owes }: Wanted): readonly string[] {
  const log = existsSync(join(folder, 'log')) ? readFileSync(join(folder, 'log'), 'utf8') : ''
  const lines = log.trimEnd().split('\n')
  const contents = Object.entries(files).filter(
    ([name, content]) =>
      !existsSync(join(folder, name)) || readFileSync(join(folder, name), 'utf8') !== content,
  )
  const lost = Object.entries(owes).flatMap(([file, handlers]) =>
    handlers
      .filter((name) => lines.lastIndexOf(name) <= lines.lastIndexOf(`change ${file}`))
      .map((name) => `handler lost: ${name} after the change of ${file}`),
  )
  return [
    ...contents.map(([name]) => `${name} is not as it is wanted`),
    ...lines.filter((line) => /^(?:twice|together) /.test(line)).map((line) => `done ${line}`),
    ...lost,
  ]
}
