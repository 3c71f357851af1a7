import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { typed } from './io.fixture.ts'

let root: string
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'trueup-configured-')))
  put('site.yaml', playbook('print: { value: x }'))
})
afterEach(() => rmSync(root, { recursive: true }))

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

const playbook = (task: string): string =>
  `playbook: p\nplays:\n  - play: p\n    hosts: localhost\n    tasks:\n      - read: it\n        ${task}\n`

const trueup = (words: readonly string[], env: Record<string, string> = {}) =>
  typed(
    words.map((word) =>
      word.endsWith('.yaml') && !word.includes('playbooks/') ? join(root, word) : word,
    ),
    {
      cwd: root,
      env: { HOME: join(root, 'home'), ...env },
      stateFolder: join(root, 'state'),
    },
  )

describe('the configuration of a command', () => {
  it('gives options that were not typed, and gives way to those that were', async () => {
    put('trueup.yaml', 'output: json\n')
    expect((await trueup(['run', 'site.yaml'])).out).toMatch(/^\{/)
    expect((await trueup(['run', 'site.yaml', '--output', 'plain'])).out).not.toMatch(/^\{/)
    expect((await trueup(['run', 'site.yaml'], { TRUEUP_OUTPUT: 'plain' })).out).not.toMatch(/^\{/)
  })

  it('is checked before anything is done', async () => {
    put('trueup.yaml', 'output: pretty\n')
    const { exit, err } = await trueup(['run', 'site.yaml'])
    expect(exit).toBe(3)
    expect(err).toContain('trueup.yaml:1:9: output is not one of auto, plain, json [config/value]')
    expect(existsSync(join(root, 'state'))).toBe(false)
  })

  it.each(['keep: 0', 'keep: 60', 'keep: 10m'])('takes %s', async (line) => {
    put('trueup.yaml', `${line}\n`)
    expect((await trueup(['run', 'site.yaml'])).exit).toBe(0)
    expect((await trueup(['run', 'site.yaml'], { TRUEUP_KEEP: '0' })).exit).toBe(0)
  })

  it.each(['keep: soon', 'keep: -1s', 'keep: true'])('does not take %s', async (line) => {
    put('trueup.yaml', `${line}\n`)
    const { exit, err } = await trueup(['run', 'site.yaml'])
    expect(exit).toBe(3)
    expect(err).toContain('keep')
  })

  it('names an inventory, and folders of types that playbooks of any folder use', async () => {
    put('shared/site.motd.resource.js', ownType)
    put('deep/down/use.yaml', playbook('site.motd: { path: /nowhere }'))
    const words = ['validate', 'deep/down/use.yaml']
    expect((await trueup(words)).exit).toBe(3)
    expect(await trueup([...words, '--types', 'shared'])).toMatchObject({ exit: 0, err: '' })
    put('trueup.yaml', 'types: [shared]\n')
    expect(await trueup(words)).toMatchObject({ exit: 0, err: '' })
    put('trueup.yaml', 'types: [elsewhere]\n')
    expect((await trueup(words)).err).toContain('[cli/no-types]')
    // A file in the place of the folder has no types either.
    expect((await trueup(['run', 'site.yaml', '--types', 'site.yaml'])).err).toContain(
      '[cli/no-types]',
    )
  })

  it('asks for reports and metrics, with paths from its file', async () => {
    put('trueup.yaml', 'report: [junit:out/run.xml, "html:out/run.html"]\nmetrics: out/run.prom\n')
    mkdirSync(join(root, 'out'))
    expect(await trueup(['run', 'site.yaml'])).toMatchObject({ exit: 0, err: '' })
    expect(readFileSync(join(root, 'out/run.xml'), 'utf8')).toContain('<testsuites')
    expect(readFileSync(join(root, 'out/run.html'), 'utf8')).toContain('<!doctype html>')
    expect(readFileSync(join(root, 'out/run.prom'), 'utf8')).toContain('trueup_')
    const variable = { TRUEUP_REPORT: `md:${join(root, 'out/run.md')}` }
    await trueup(['run', 'site.yaml'], variable)
    expect(existsSync(join(root, 'out/run.md'))).toBe(true)
    put('trueup.yaml', 'report: [pdf:run.pdf]\n')
    expect(await trueup(['run', 'site.yaml'])).toMatchObject({
      exit: 3,
      err: expect.stringContaining('trueup.yaml:1:'),
    })
  })

  it('names a file with the sudo password, which no other user may read', async () => {
    put('trueup.yaml', 'become_password_file: secret\n')
    expect((await trueup(['run', 'site.yaml'])).err).toContain('[config/password]')
    for (const [mode, text, exit] of [
      [0o644, 'open sesame\n', 3],
      [0o600, 'open sesame\n', 0],
      [0o600, '', 3],
      [0o600, 'two\nlines\n', 3],
    ] as const) {
      put('secret', text)
      chmodSync(join(root, 'secret'), mode)
      const ended = await trueup(['run', 'site.yaml'])
      expect({ mode, text, exit: ended.exit }).toEqual({ mode, text, exit })
      expect(ended.out + ended.err).not.toContain('sesame')
      if (exit === 3) expect(ended.err).toContain('[config/password]')
    }
  })

  it('keeps as many run logs as it says', async () => {
    put('trueup.yaml', 'keep_runs: { count: 2 }\n')
    for (let i = 0; i < 4; i++) await trueup(['run', 'site.yaml'])
    const { out } = await trueup(['history'])
    expect(out.match(/site\.yaml/g)!.length).toBe(2)
  })

  it('starts a program when a run has ended, and says when that failed', async () => {
    const heard = join(root, 'heard')
    put('trueup.yaml', `on_end: { command: [sh, -c, "cat > ${heard}"] }\n`)
    expect(await trueup(['run', 'site.yaml'])).toMatchObject({ exit: 0 })
    expect(JSON.parse(readFileSync(heard, 'utf8'))).toMatchObject({
      playbook: join(root, 'site.yaml'),
      title: 'p',
      mode: 'run',
      exit: 0,
      failed: [],
    })
    // Node tells of a missing program by an event, and throws for one that cannot be run.
    put('busy', '#!/bin/sh\n')
    chmodSync(join(root, 'busy'), 0o755)
    const writer = openSync(join(root, 'busy'), 'r+')
    const busy = process.platform === 'linux' ? [join(root, 'busy')] : []
    for (const program of ['no-such-program', ...busy]) {
      put('trueup.yaml', `on_end: { command: ["${program}"] }\n`)
      const { exit, err, out } = await trueup(['run', 'site.yaml'])
      expect(exit).toBe(0)
      expect(err + out).toContain('on_end.command cannot be started')
    }
    closeSync(writer)
  })

  it('sends the end of a run to an address', async () => {
    const bodies: string[] = []
    const server = createServer((request, answer) => {
      let body = ''
      request
        .on('data', (part) => (body += part))
        .on('end', () => {
          bodies.push(body)
          answer.writeHead(204).end()
        })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    try {
      put('trueup.yaml', `on_end: { webhook: "http://127.0.0.1:${port}/runs" }\n`)
      expect((await trueup(['run', 'site.yaml'])).exit).toBe(0)
      expect(bodies.map((body) => (JSON.parse(body) as { exit: number }).exit)).toEqual([0])
      expect((await trueup(['plan', 'site.yaml'])).exit).toBe(0)
      expect(bodies.length).toBe(1)
    } finally {
      server.close()
    }
  })

  it('is shown with where it comes from', async () => {
    put('trueup.yaml', 'forks: 7\n')
    const { out } = await trueup(['config'])
    expect(out).toMatch(/^forks +7 +\S*trueup\.yaml:1:8$/m)
    const json = JSON.parse((await trueup(['config', '--json'])).out) as {
      settings: { setting: string; value: unknown }[]
    }
    expect(json.settings.find((each) => each.setting === 'forks')!.value).toBe(7)
  })
})

describe('shipped files', () => {
  it('are listed, copied out, and never written over', async () => {
    expect((await trueup(['shipped', 'playbooks'])).out).toContain('playbooks/storage.yaml\n')
    expect(await trueup(['shipped', 'copy', 'playbooks/storage.yaml', '.'])).toMatchObject({
      exit: 0,
    })
    expect(existsSync(join(root, 'storage.yaml'))).toBe(true)
    expect((await trueup(['shipped', 'copy', 'playbooks/storage.yaml', '.'])).err).toContain(
      'exists already',
    )
    expect((await trueup(['shipped', 'copy', 'playbooks', 'mine'])).exit).toBe(0)
    expect(existsSync(join(root, 'mine/tasks/register.yaml'))).toBe(true)
    expect((await trueup(['shipped', 'copy', 'playbooks/storag.yaml', '.'])).err).toContain(
      "did you mean 'playbooks/storage.yaml'?",
    )
  })

  it('are copied with what they include, so that the copy can be used', async () => {
    mkdirSync(join(root, 'own'))
    for (const name of ['storage', 'register', 'after-reboot'])
      expect(await trueup(['shipped', 'copy', `playbooks/${name}.yaml`, 'own'])).toMatchObject({
        exit: 0,
      })
    for (const name of ['storage', 'register', 'after-reboot'])
      expect(await trueup(['validate', `own/${name}.yaml`])).toMatchObject({ exit: 0 })
    put('own/tasks/register.yaml', '[]\n')
    rmSync(join(root, 'own/register.yaml'))
    expect((await trueup(['shipped', 'copy', 'playbooks/register.yaml', 'own'])).err).toContain(
      'tasks/register.yaml exists already',
    )
  })
})

const ownType = `import { defineResource, text } from 'trueup/contract'
export default defineResource({
  name: 'site.motd', summary: 'The message of the day.',
  params: { type: 'object', required: ['path'], properties: { path: { type: 'string', identity: true, description: 'The file.' } } },
  state: { text: { type: 'string', description: 'The text.' } },
  probe: ({ path }) => ({ file: text(path) }),
  observe: ({ file }) => ({ text: file.exists ? file.text : null }),
})
`
