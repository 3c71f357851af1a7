import { describe, expect, it } from 'vitest'
import { builtinTypes } from '../resources/index.generated.ts'
import { adviceOn, contradictionsIn } from './advice.ts'
import { loadPlaybook } from './load-playbook.ts'

const types = new Map(builtinTypes.map((type) => [type.name, type]))

async function advice(tasks: string, only = adviceOn): Promise<readonly string[]> {
  const text = `playbook: p\nplays:\n- play: p\n  hosts: a\n  tasks:\n${tasks}`
  const { playbook, diagnostics } = await loadPlaybook({
    version: '0.1.0',
    file: '/b.yaml',
    types,
    inputs: {},
    knownVars: null,
    readText: () => Promise.resolve(text),
  })
  expect(diagnostics).toEqual([])
  const told = only(playbook!)
  for (const each of told)
    expect(each).toMatchObject({ severity: 'warning', hint: expect.stringMatching(/\w/) })
  return told.map(({ code, at }) => `${at!.line - 5} ${code.replace('advice/', '')}`)
}

describe('advice', () => {
  it('names what runs at every run', async () => {
    expect(
      await advice(
        '  - run: it is done\n    command: { argv: [a] }\n  - run: it is done once\n    command: { argv: [a] }\n    creates: /x\n',
      ),
    ).toEqual(['1 unguarded-run'])
    expect(
      await advice(
        '  - read: it is read\n    command: { argv: [a] }\n  handlers:\n  - run: it is done\n    command: { argv: [a] }\n',
      ),
    ).toEqual(['4 unused-handler'])
  })

  it('takes a condition on what a task read before it for a guard, also one of a block or through a var', async () => {
    const read = '  - read: f\n    file: { path: /x }\n    register: f\n'
    const run = '  - run: it is made\n    command: { argv: [a] }\n'
    expect(await advice(`${read}${run}    when: f.kind == "absent"\n`)).toEqual([])
    expect(
      await advice(
        `${read}  - block:\n    - run: it is made\n      command: { argv: [a] }\n    when: f.kind == "absent"\n`,
      ),
    ).toEqual([])
    expect(
      await advice(
        `${read}${run}    vars: { gone: !expr f.kind == "absent" }\n    when: gone\n`.replace(
          '!expr f.kind == "absent"',
          `!expr 'f.kind == "absent"'`,
        ),
      ),
    ).toEqual([])
  })

  it('takes a condition on a fact or a host for none: it holds at every run', async () => {
    const run = '  - run: it is made\n    command: { argv: [a] }\n'
    expect(await advice(`${run}    when: facts.arch == "x86_64"\n`)).toEqual(['1 unguarded-run'])
    expect(await advice(`${run}    when: host.name == "a"\n`)).toEqual(['1 unguarded-run'])
  })

  it('names for a request the guard that it can have', async () => {
    const text =
      'playbook: p\nplays:\n- play: p\n  hosts: a\n  tasks:\n  - run: it is sent\n    http: { service: s, path: /x, method: POST }\n'
    const { playbook } = await loadPlaybook({
      version: '0.1.0',
      file: '/b.yaml',
      types,
      inputs: {},
      knownVars: null,
      readText: () => Promise.resolve(text),
    })
    expect(adviceOn(playbook!)[0]!.hint).toContain('read first what the service has')
  })

  it('names sentences that are commands', async () => {
    expect(
      await advice(
        '  - ensure: Install podman\n    package: { name: podman }\n  - ensure: Podman is installed\n    package: { name: buildah }\n',
      ),
    ).toEqual(['1 command-sentence'])
  })

  it('names secrets in plain text', async () => {
    const tasks =
      '  - read: it answers\n    command: { argv: [a] }\n    environment: { DB_PASSWORD: hunter2, PASSWORD_FILE: /etc/pw, HOME: x }\n    vars: { api_token: abc, user: me }\n'
    expect(await advice(tasks)).toEqual(['4 plain-secret', '3 plain-secret'])
  })

  it('is silent where a comment allows it', async () => {
    expect(
      await advice(
        '  # trueup: allow advice/unguarded-run\n  - run: it is done\n    command: { argv: [a] }\n',
      ),
    ).toEqual([])
    expect(
      await advice(
        '  - run: "it is done" # trueup: allow advice/plain-secret, advice/unguarded-run\n    command: { argv: [a] }\n',
      ),
    ).toEqual([])
    expect(
      await advice(
        '  # trueup: allow advice/plain-secret\n  - run: it is done\n    command: { argv: [a] }\n',
      ),
    ).toEqual(['2 unguarded-run'])
  })
})

describe('contradictions', () => {
  const file = (params: string, more = ''): string =>
    `  - ensure: it is so\n    file: { ${params} }\n${more}`

  it('are two values for one field of one thing', async () => {
    expect(
      await advice(
        file('path: /a, mode: "0644"') + file('path: /a, mode: "0600"'),
        contradictionsIn,
      ),
    ).toEqual(['4 contradiction'])
    expect(
      await advice(
        file('path: /a, state: directory') + file('path: /a, state: absent'),
        contradictionsIn,
      ),
    ).toEqual(['4 contradiction'])
    expect(
      await advice(
        '  - ensure: a\n    systemd_service: { name: x, enabled: true }\n  - ensure: b\n    systemd_service: { name: x, enabled: false }\n',
        contradictionsIn,
      ),
    ).toEqual(['4 contradiction'])
  })

  it('are allowed by a comment on either line, and where a block cleans up behind itself', async () => {
    expect(
      await advice(
        `${file('path: /a, mode: "0644"')}  # trueup: allow advice/contradiction\n${file('path: /a, mode: "0600"')}`,
        contradictionsIn,
      ),
    ).toEqual([])
    const block =
      '  - block:\n    - ensure: a\n      hsm_lock: { xname: x1c0s0b0n0, state: locked }\n    always:\n    - ensure: b\n      hsm_lock: { xname: x1c0s0b0n0, state: unlocked }\n'
    expect(await advice(block, contradictionsIn)).toEqual([])
  })

  it('are not: another thing, another field, a condition, a value that is computed', async () => {
    expect(
      await advice(
        file('path: /a, mode: "0644"') + file('path: /b, mode: "0600"'),
        contradictionsIn,
      ),
    ).toEqual([])
    expect(
      await advice(
        file('path: /a, mode: "0644"') + file('path: /a, owner: root'),
        contradictionsIn,
      ),
    ).toEqual([])
    expect(
      await advice(
        file('path: /a, mode: "0644"') + file('path: /a, mode: "0600"', '    when: facts.sp > 4\n'),
        contradictionsIn,
      ),
    ).toEqual([])
    expect(
      await advice(
        file('path: /a, owner: "{{ facts.os }}"') + file('path: /a, owner: root'),
        contradictionsIn,
      ),
    ).toEqual([])
    expect(
      await advice(
        '  - ensure: a\n    lineinfile: { path: /a, line: x }\n  - ensure: b\n    lineinfile: { path: /a, line: y, state: absent }\n',
        contradictionsIn,
      ),
    ).toEqual([])
  })

  it('warns of what makes a host less safe', async () => {
    const ensure = (params: string): string => `  - ensure: it is so\n    ${params}\n`
    const one = async (params: string): Promise<readonly string[]> => advice(ensure(params))
    expect(await one('copy: { dest: /x, content: a }')).toEqual(['1 missing-param'])
    expect(await one("copy: { dest: /x, content: a, mode: '0600' }")).toEqual([])
    expect(await one("copy: { dest: /x, content: a, mode: '0666' }")).toEqual(['2 risky-mode'])
    expect(await one("file: { path: /x, state: directory, mode: '1777' }")).toEqual([])
    expect(await one('download: { url: "http://a/b", dest: /x, mode: "0644" }')).toEqual([
      '1 missing-param',
    ])
    expect(
      await one('package_repository: { name: a, url: "http://a/b", suites: c, gpgcheck: false }'),
    ).toEqual(['2 risky-value'])
    expect(await advice('  - require: it is so\n    copy: { dest: /x, content: a }\n')).toEqual([])
  })

  it('warns of a value that a shell would carry out', async () => {
    const run = (params: string): Promise<readonly string[]> =>
      advice(`  - run: it is done\n    creates: /x\n    command: ${params}\n`)
    expect(await run("{ cmd: 'echo {{ host.name }}' }")).toEqual(['3 shell-text'])
    expect(await run("{ argv: [bash, -e, -c, 'echo {{ host.name }}'] }")).toEqual(['3 shell-text'])
    expect(await run("{ argv: [/bin/sh, -ec, 'echo {{ host.name }}'] }")).toEqual(['3 shell-text'])
    expect(await run("{ cmd: 'echo {{ quote host.name }}' }")).toEqual([])
    expect(await run("{ cmd: '{{#if host.name}}echo{{else}}true{{/if}}' }")).toEqual([])
    expect(await run("{ argv: [sh, -c, 'echo \"$1\"', sh, '{{ host.name }}'] }")).toEqual([])
    expect(await run("{ argv: [grep, -c, '{{ host.name }}', /etc/hosts] }")).toEqual([])
  })
})
