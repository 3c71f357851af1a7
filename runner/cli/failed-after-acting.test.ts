import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { typed, type Ended } from './io.fixture.ts'

// What an operator sees where something goes wrong after the first action of a task: what was done is said, and its handler runs.

const folder = mkdtempSync(join(tmpdir(), 'trueup-after-acting-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Place {
  readonly at: string
  trueup(...argv: string[]): Promise<Ended>
  write(name: string, text: string): void
}

/** A folder with an inventory of this machine, and of a service whose token is not there. */
function place(): Place {
  const at = mkdtempSync(join(folder, 'place-'))
  mkdirSync(join(at, 'types'))
  const write = (name: string, text: string): void => writeFileSync(join(at, name), text)
  write(
    'hosts.yaml',
    `hosts: { here: { connection: local } }
services: { words: { url: 'https://127.0.0.1:9/', token: { from: file, path: ${at}/token } } }
`,
  )
  return {
    at,
    write,
    trueup: (...argv) => typed(argv, { cwd: at, stateFolder: join(at, 'state') }),
  }
}

const given = (at: string): readonly string[] => [
  join(at, 'playbook.yaml'),
  '-i',
  join(at, 'hosts.yaml'),
]

/** A type in JavaScript: a file holds a word. */
const slip = (observe: string, more = ''): string => `
import { defineResource, exec, text } from 'trueup/contract'
export default defineResource({
  name: 'site.slip', summary: 'A file holds a word.',
  params: { type: 'object', required: ['file'], properties: { file: { type: 'string', identity: true, description: 'The file.' } } },
  state: { word: { type: 'string', description: 'The word.' } },
  probe: ({ file }) => ({ show: text(file) }),
  observe: ({ show }) => ({ word: show.exists ? ${observe} : null }),
  desire: () => ({ word: 'hello' }),
  change: (_d, { file }) => [{ title: 'write the word', repairs: ['word'], actions: [
    exec(['sh', '-c', 'echo hello >"$1"', 'sh', file]), ${more}] }],
})
`

const playbook = (at: string, handler: string): string => `playbook: a word
plays:
  - play: the word
    hosts: here
    tasks:
      - ensure: the word is there
        site.slip: { file: ${at}/word }
        notify: the word was read again
    handlers:
      - run: the word was read again
        command: { argv: ${handler} }
`

const post = `{ do: 'http', service: 'words', method: 'POST', path: '/words', body: { word: 'hello' }, statuses: [200] }`

describe('a task that fails after its first action', () => {
  it('says what was done where the type throws on the read-back, and its handler runs', async () => {
    const { at, trueup, write } = place()
    write('types/slip.resource.js', slip('show.text.match(/^word=(.*)$/m)[1]'))
    write('playbook.yaml', playbook(at, `[touch, ${at}/handled]`))
    const run = await trueup('run', ...given(at), '--output', 'plain')
    expect(run.exit).toBe(1)
    expect(run.out + run.err).toMatch(/internal\/defect.*|\(done before it: 1 of 1\)/)
    expect(run.out + run.err).toContain('(done before it: 1 of 1)')
    expect(readFileSync(join(at, 'word'), 'utf8')).toBe('hello\n')
    expect(existsSync(join(at, 'handled'))).toBe(true)
  })

  it('says what was done where the second exchange throws, and its handler runs', async () => {
    const { at, trueup, write } = place()
    write('types/slip.resource.js', slip('show.text.trim()', post))
    write('playbook.yaml', playbook(at, `[touch, ${at}/handled]`))
    const run = await trueup('run', ...given(at), '--output', 'plain')
    expect(run.exit).toBe(1)
    expect(run.out + run.err).toContain('connect/token-missing')
    expect(run.out + run.err).toContain('(done before it: 1 of 2)')
    expect(existsSync(join(at, 'handled'))).toBe(true)
    // Nothing is owed any more: the next run finds the word, and says nothing of a debt.
    const next = await trueup('run', ...given(at))
    expect([next.exit, next.err]).toEqual([0, ''])
  })

  it('owes its handler to the next run and to `resume` where the handler fails too', async () => {
    const { at, trueup, write } = place()
    write('types/slip.resource.js', slip('show.text.trim()', post))
    write('playbook.yaml', playbook(at, `[sh, -c, 'test -e ${at}/ready && touch ${at}/handled']`))
    expect((await trueup('run', ...given(at))).exit).toBe(1)
    writeFileSync(join(at, 'ready'), '')
    const next = await trueup('run', ...given(at))
    expect(next.exit).toBe(0)
    expect(next.err).toContain('[run/owed]')
    expect(existsSync(join(at, 'handled'))).toBe(false)
    const [, name] = /`trueup resume (\S+)`/.exec(next.err)!
    expect((await trueup('resume', name!)).exit).toBe(0)
    expect(existsSync(join(at, 'handled'))).toBe(true)
    expect((await trueup('run', ...given(at))).err).toBe('')
  })
})

describe('a saved plan whose handler fails', () => {
  it('is resumed for its handler, and for nothing that the plan does not show', async () => {
    const { at, trueup, write } = place()
    write('types/slip.resource.js', slip('show.text.trim()'))
    write('playbook.yaml', playbook(at, `[sh, -c, 'test -e ${at}/ready && touch ${at}/handled']`))
    const plan = join(at, 'saved.plan')
    expect((await trueup('plan', ...given(at), '-o', plan)).exit).toBe(2)
    const applied = await trueup('apply', plan)
    expect(applied.exit).toBe(1)
    const [, name] = /next +trueup resume (\S+)/.exec(applied.out)!
    writeFileSync(join(at, 'ready'), '')
    rmSync(join(at, 'word'))
    const resumed = await trueup('resume', name!)
    expect(resumed.exit, resumed.err + resumed.out).toBe(0)
    expect(resumed.err).toContain('applied a saved plan: its handlers run, and nothing else')
    expect([existsSync(join(at, 'handled')), existsSync(join(at, 'word'))]).toEqual([true, false])
    expect((await trueup('resume', 'last')).err).toContain('run/not-resumable')
    expect((await trueup('run', ...given(at))).err).toBe('')
  })
})

/** A type whose identity param `tag` no function of it touches. */
const tagged = `type: site.tagged
summary: A file holds a word.
params:
  required: [file, tag]
  properties:
    file: { type: string, format: path, identity: true, description: The file. }
    tag: { type: string, identity: true, description: Used by no function of the type. }
    word: { type: string, default: hello, description: The word. }
state: { word: { type: string, description: The word; null where there is none. } }
probe: { show: { read: text, path: "{{ file }}" } }
observe: { word: { from: show, regexp: '\\S+', otherwise: null } }
desire: { word: !expr word }
change: [{ on: word, title: write the word, argv: [sh, -c, 'printf "%s\\n" "$2" >"$1"', sh, "{{ file }}", "{{ word }}"] }]
`

describe('a param that no function of its type touches', () => {
  const tags = {
    'a fact': '"{{ facts.arch }}"',
    'a register': '"{{ machine.stdout }}"',
    'a var': '"{{ one }}"',
  }
  for (const [from, tag] of Object.entries(tags))
    for (const way of [[], ['--no-batch']])
      it(`comes from ${from}, in a run ${way.join('') || 'that batches'}`, async () => {
        const { at, trueup, write } = place()
        write('types/tagged.resource.yaml', tagged)
        write(
          'playbook.yaml',
          `playbook: a tagged word
plays:
  - play: the word
    hosts: here
    vars: { one: first }
    tasks:
      - read: what machine it is
        command: { argv: [uname, -m] }
        register: machine
      - ensure: the word is there
        site.tagged: { file: ${at}/word, tag: ${tag} }
        notify: it was told
    handlers:
      - run: it was told
        command: { argv: [touch, ${at}/handled] }
`,
        )
        const words = given(at)
        const plan = await trueup('plan', ...words, '-o', join(at, 'saved.plan'), ...way)
        expect([plan.exit, plan.err]).toEqual([2, ''])
        const run =
          from === 'a var'
            ? await trueup('apply', join(at, 'saved.plan'), ...way)
            : await trueup('run', ...words, ...way)
        expect([run.exit, run.err]).toEqual([0, ''])
        expect(readFileSync(join(at, 'word'), 'utf8')).toBe('hello\n')
        expect(existsSync(join(at, 'handled'))).toBe(true)
        expect((await trueup('run', ...words, ...way)).out).toMatch(/ok 2/)
      })
})
