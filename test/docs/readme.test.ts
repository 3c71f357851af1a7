import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

// What the README tells a newcomer to type is typed here, in its order.

const root = fileURLToPath(new URL('../../', import.meta.url))
const readme = readFileSync(join(root, 'README.md'), 'utf8')
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'trueup-readme-'))
  const [, playbook] = /```yaml\n(playbook: my first playbook\n[\s\S]*?)```/.exec(readme)!
  writeFileSync(
    join(folder, 'hello.yaml'),
    playbook!.replaceAll('/tmp/trueup-first', join(folder, 'first')),
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function trueup(line: string): { exit: number | null; output: string } {
  const words = [
    ...line.split(/\s+/).filter(Boolean),
    ...(/^(plan|run) /.test(line) ? ['--state-dir', join(folder, 'state')] : []),
  ]
  const done = spawnSync(process.execPath, [join(root, 'tools/setup.mjs'), 'trueup', ...words], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, INIT_CWD: folder },
  })
  return { exit: done.status, output: done.stdout + done.stderr }
}

describe('the README', () => {
  it('gives a first playbook whose commands do what their comments say', () => {
    const [session] = /```sh\ntrueup [\s\S]*?```/.exec(readme)!
    const lines = [...session.matchAll(/^trueup (.*?)(?: +#.*)?$/gm)].map(([, line]) => line!)
    expect(lines).toHaveLength(4)
    const [plan, first, second, other] = lines.map(trueup)
    expect({ exit: plan!.exit, output: plan!.output }).toMatchObject({
      exit: 2,
      output: expect.stringContaining('Good morning from'),
    })
    expect(first!.output).toContain('changed 2')
    expect(second!.output).toContain('true already')
    expect(other!.output).toContain('+Hello from')
    expect([first!.exit, second!.exit, other!.exit]).toEqual([0, 0, 0])
  })

  it('promises mistakes with their lines and exit 3', () => {
    const playbook = join(folder, 'hello.yaml')
    writeFileSync(
      playbook,
      readFileSync(playbook, 'utf8').replace('"0755"', '0755').replace('facts.arch', 'facts.arhc'),
    )
    const { exit, output } = trueup('run hello.yaml')
    expect(exit).toBe(3)
    expect(output).toMatch(/hello\.yaml:9:\d+:/)
    expect(output).toContain('quote it')
    expect(output).toContain("'arch'")
  })

  it('links to pages that are there', () => {
    for (const [, target] of readme.matchAll(/\]\(([^)]+)\)/g))
      expect(existsSync(join(root, target!)), target).toBe(true)
  })
})
