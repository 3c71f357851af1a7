import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { placeText } from '../../runner/model/diagnostic.ts'
import { loadPlaybook } from '../../runner/playbook/load-playbook.ts'
import { builtinTypes } from '../../runner/resources/index.generated.ts'

// What the readmes of the types show is loaded as a user would load it: an example that is wrong teaches mistakes.

const resources = fileURLToPath(new URL('../../runner/resources/', import.meta.url))
const types = new Map(builtinTypes.map((type) => [type.name, type]))
const folders = readdirSync(resources, { withFileTypes: true }).filter((entry) =>
  entry.isDirectory(),
)
const examples = folders.flatMap(({ name }) => {
  const blocks = [
    ...readFileSync(join(resources, name, 'readme.md'), 'utf8').matchAll(
      /^```yaml\n([\s\S]*?)^```$/gm,
    ),
  ]
  return blocks.map(([, text], i) => ({ title: `${name}, example ${i + 1}`, text: text! }))
})

let dir = ''
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'trueup-examples-'))
  mkdirSync(join(dir, 'files/site-tools'), { recursive: true })
  writeFileSync(join(dir, 'files/site-tools/check.sh'), 'exit 0\n')
  writeFileSync(join(dir, 'image.squashfs'), 'hsqs\n')
  writeFileSync(join(dir, 'files/platform-ca.crt'), 'certificate\n')
  writeFileSync(join(dir, 'files/chrony.conf.hbs'), 'server {{ host.name }}\n')
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** A playbook around an example: the registers and the input that it builds on, and the handlers that it notifies. */
function playbookAround(example: string): string {
  const indented = (text: string, by: string): string => text.replace(/^(?=.)/gm, by)
  const handlers = [...example.matchAll(/^ {2}notify: (.*)$/gm)].map(
    ([, sentence]) => `- ensure: ${sentence}\n  systemd_service: { name: it, state: restarted }\n`,
  )
  const [own = ''] = /^handlers:\n[\s\S]*/.exec(example) ?? []
  const head = `playbook: An example
inputs:
  image_id: { type: string, default: f6d9cfc7-9291-4c46-8350-c252b919d396, description: An image }
plays:
  - play: it is so
    hosts: all
    tasks:
      - read: a key
        k8s_config_map: { namespace: services, name: cray-ims-remote-keys, key: public_key }
        register: ims_key
        barrier: true
      - ensure: the cache is mapped
        rbd_map: { pool: kube, image: one }
        register: cache
      - read: a session
        http: { service: bos, path: /v2/sessions/one }
        register: session
`
  const tasks =
    own === ''
      ? indented(
          example.replace(/register: (?:ims_key|cache|session)$/m, 'register: another'),
          '      ',
        )
      : ''
  const handled =
    own === ''
      ? handlers.map((handler) => indented(handler, '      ')).join('')
      : indented(own.replace('handlers:\n', ''), '      ')
  return `${head}${tasks}${handled === '' ? '' : `    handlers:\n${handled}`}`
}

describe('the examples of the readmes load', () => {
  it.each(examples)('$title', async ({ text }) => {
    const { diagnostics } = await loadPlaybook({
      version: '0.1.0',
      file: join(dir, 'playbook.yaml'),
      types,
      inputs: {},
      knownVars: null,
      readText: async (path) =>
        path.endsWith('playbook.yaml') ? playbookAround(text) : readFileSync(path, 'utf8'),
    })
    expect(
      diagnostics.map(
        ({ code, message, at }) =>
          `${at ? placeText(at) : ''} ${code} ${message}: ${at?.source ?? ''}`,
      ),
    ).toEqual([])
  })
})
