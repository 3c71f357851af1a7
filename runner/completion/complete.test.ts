import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { typed } from '../cli/io.fixture.ts'

let root: string
beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'trueup-complete-')))
  mkdirSync(join(root, 'playbooks'))
  writeFileSync(
    join(root, 'playbooks/site.yaml'),
    `playbook: a site
inputs:
  mode: { type: string, enum: [fast, safe], default: safe, description: How it goes }
  deep: { type: boolean, default: false, description: Whether it goes deep }
plays:
  - play: all of it
    hosts: web
    tasks:
      - read: the first thing
        print: { value: x }
        tags: [early]
      - read: the second thing
        print: { value: x }
        tags: [late]
      - confirm: it may go on
`,
  )
  writeFileSync(join(root, 'playbooks/broken.yaml'), 'playbook: [\n')
  writeFileSync(
    join(root, 'hosts.yaml'),
    'groups: { web: { hosts: { web1: { connection: local }, web2: { connection: local } } } }\n',
  )
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** The words that TAB offers for a line. */
const offered = async (line: string): Promise<readonly string[]> => {
  const { out, err, exit } = await typed(['complete', '--', ...line.split(' ')], {
    cwd: root,
    env: { HOME: root },
    stateFolder: join(root, 'state'),
  })
  expect([exit, err]).toEqual([0, ''])
  return out
    .split('\n')
    .filter((each) => each !== '')
    .map((each) => each.split('\t')[0]!)
}

describe('TAB', () => {
  it.each<[string, readonly string[]]>([
    ['val', ['validate']],
    ['lab d', ['down']],
    ['lab ssh ncn-m', ['ncn-m001', 'ncn-m002', 'ncn-m003']],
    ['lab reboot x3000c0s19b1', ['x3000c0s19b1n0']],
    ['lab fault x3000c0s19b2', ['x3000c0s19b2n0']],
    ['doc', ['docs', 'doctor']],
    ['doctor playbooks/s', ['playbooks/site.yaml']],
    ['doctor -i hosts.yaml -l web1', ['web1']],
    ['completion ', ['bash', 'zsh', 'fish']],
    ['run ', ['hosts.yaml', 'playbooks/']],
    ['run playbooks/', ['playbooks/broken.yaml', 'playbooks/site.yaml']],
    ['run playbooks/site.yaml --output ', ['auto', 'plain', 'json']],
    ['run playbooks/site.yaml --output=pl', ['--output=plain']],
    ['run playbooks/site.yaml --tags ', ['early', 'late']],
    ['run playbooks/site.yaml --start-at the', ['the first thing', 'the second thing']],
    ['run playbooks/site.yaml --confirm it', ['it may go on']],
    ['explain run/not-reg', ['run/not-registered']],
    ['exec -i hosts.yaml web', ['web1', 'web2']],
    ['ping -i hosts.yaml @w', ['@web']],
    ['run playbooks/site.yaml -e ', ['mode=', 'deep=']],
    ['run playbooks/site.yaml -e mode=', ['mode=fast', 'mode=safe']],
    ['run playbooks/site.yaml -e deep=t', ['deep=true']],
    ['run playbooks/site.yaml -i hosts.yaml -l web', ['web1', 'web2']],
    ['run playbooks/site.yaml -i hosts.yaml -l web1,@w', ['web1,@web']],
    ['run playbooks/site.yaml -i hosts.yaml -l @f', ['@failed']],
    ['run playbooks/site.yaml -i ', [':files']],
    ['run playbooks/site.yaml --state-dir ', [':folders']],
    ['types hsm_l', ['hsm_lock']],
    ['show l', ['last']],
    ['nothing like this ', []],
  ])('after %j offers what fits', async (line, wanted) => {
    expect(await offered(line)).toEqual(wanted)
  })

  it('offers no option a second time, unless it may be repeated', async () => {
    const words = await offered('run playbooks/site.yaml --diff -e mode=fast --')
    expect(words).toContain('--extra-vars')
    expect(words).toContain('--limit')
    expect(words).toContain('--types')
    expect(await offered('run playbooks/site.yaml --state-dir x --state')).toEqual([])
  })

  it('offers nothing of a playbook with mistakes, and says nothing of them', async () => {
    expect(await offered('run playbooks/broken.yaml --tags ')).toEqual([])
  })
})
