import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { typed, type Ended } from './io.fixture.ts'

// Made by ansible-vault of ansible-core, with the password `correct horse`.
const vault = `$ANSIBLE_VAULT;1.1;AES256
38623632653337333735636630306232646438323037356332666232626434313639333764623537
6533626264663636373939393865323130383833343764320a376131363839316164626534356332
38613730643437623638373335366531323133323238633039366636636636366466633862353565
3839653836653263360a316239303962633533646538303439663165616161643262386435633031
37663237666234363933336561383666373531383661643661353136373431383433346561643461
36323030346664643665313736316336313236663166666330323132343664643938643835663535
65633161336337643130316531306464616163653761653536326162373965346464303764623163
61393236636366306230
`
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'trueup-vault-'))
  writeFileSync(join(folder, 'vault.yaml'), vault)
  writeFileSync(join(folder, 'password'), 'correct horse\n', { mode: 0o600 })
  writeFileSync(join(folder, 'wrong'), 'battery staple\n', { mode: 0o600 })
  writeFileSync(join(folder, 'program'), '#!/bin/sh\necho correct horse\n', { mode: 0o700 })
  writeFileSync(
    join(folder, 'playbook.yaml'),
    `playbook: t
inputs:
  bmc_password: { type: string, secret: true, description: A password }
  api_token: { type: string, description: A token that the playbook does not call secret }
  port: { type: integer, description: A port }
plays:
  - play: p
    hosts: localhost
    tasks:
      - ensure: it is written
        copy: { dest: ${folder}/out, content: "{{ bmc_password }} {{ api_token }} {{ port }}\\n" }
`,
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function run(command: string, password: string | null, file = 'vault.yaml'): Promise<Ended> {
  return typed([command, join(folder, 'playbook.yaml'), '-e', `@${join(folder, file)}`, '--diff'], {
    cwd: folder,
    stateFolder: join(folder, 'state'),
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      ...(password === null ? {} : { TRUEUP_VAULT_PASSWORD_FILE: join(folder, password) }),
    },
  })
}

/** All that was kept below a folder. */
function kept(path: string): string {
  return readdirSync(path)
    .map((name) => join(path, name))
    .map((each) => (statSync(each).isDirectory() ? kept(each) : readFileSync(each, 'utf8')))
    .join('\n')
}

describe('inputs that ansible-vault has encrypted', () => {
  it('are opened, used, and shown nowhere', async () => {
    const plan = await run('plan', 'password')
    const done = await run('run', 'password')
    expect([plan.exit, done.exit]).toEqual([2, 0])
    expect(readFileSync(join(folder, 'out'), 'utf8')).toBe(
      's3cret: with {{ braces }} tok-0042 8443\n',
    )
    const said = [plan.out, plan.err, done.out, done.err, kept(join(folder, 'state'))].join('\n')
    for (const canary of ['s3cret', 'tok-0042', 'correct horse']) expect(said).not.toContain(canary)
    expect((await run('run', 'password')).out).toContain('true already')
  })

  it.each([
    [null, 'no password is named'],
    ['wrong', 'the password of the vault does not open it'],
    ['nowhere', 'cannot be read: the file does not exist'],
    ['program', 'is a program, and trueup does not run it'],
  ])('are not opened with the password file %j', async (password, words) => {
    const { exit, err } = await run('run', password)
    expect([exit, err.replace(/\s+/g, ' ')]).toEqual([3, expect.stringContaining(words)])
    expect(err).toContain('yaml/vault')
  })

  it.each([
    ['$ANSIBLE_VAULT;1.0;AES\n6162\n', 'trueup opens 1.1 and 1.2 with AES256'],
    [vault.split('\n').slice(0, 4).join('\n'), 'it is cut off, or was changed'],
    // One digit of what is encrypted is another.
    [vault.replace(/0(?=\n$)/, '1'), 'does not open it, or it was changed'],
  ])('are not opened where they are not whole: %#', async (text, words) => {
    writeFileSync(join(folder, 'broken.yaml'), text)
    const { exit, err } = await run('run', 'password', 'broken.yaml')
    expect(text).not.toBe(vault)
    expect([exit, err.replace(/\s+/g, ' ')]).toEqual([3, expect.stringContaining(words)])
  })
})
