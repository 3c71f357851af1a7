import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fileAccounts } from '../../runner/files/accounts.ts'
import { readFolderFiles } from '../../lab/added/folder-files.ts'
import { readAdditions } from '../../lab/added/read-additions.ts'

// The guide is followed to the letter: its files are written, and its commands typed, in their order.

const root = fileURLToPath(new URL('../../', import.meta.url))
const guide = readFileSync(join(root, 'docs/rehearse-a-page.md'), 'utf8')
const lab = readFileSync(join(root, 'docs/lab.md'), 'utf8')
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rehearse-'))
})
afterAll(() => {
  type('lab down --folder lab')
  rmSync(folder, { recursive: true, force: true })
})

function type(line: string): { readonly exit: number | null; readonly output: string } {
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!)
  const more = /^(?:plan|run) /.test(line) ? ['--state-dir', join(folder, 'state')] : []
  const done = spawnSync(
    process.execPath,
    [join(root, 'tools/setup.mjs'), 'trueup', ...words, ...more],
    { cwd: folder, encoding: 'utf8', env: { ...process.env, INIT_CWD: folder } },
  )
  return { exit: done.status, output: done.stdout + done.stderr }
}

/** The blocks of a page: files by the name in their first line, and sessions. */
function blocksOf(page: string): readonly (readonly [path: string | null, text: string])[] {
  return [...page.matchAll(/^```(?:sh|yaml|js)\n([\s\S]*?)^```$/gm)].map(([, text]) => [
    /^(?:#|\/\/) ([\w./-]+)\n/.exec(text!)?.[1] ?? null,
    text!,
  ])
}

function put(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  // A script begins with what runs it: its name on the page stands above that.
  writeFileSync(join(folder, path), text.replace(/^# \S+\n(?=#!)/, ''))
}

describe('the guide from a page to a rehearsed playbook', () => {
  it('does what it says, command for command', () => {
    const said: string[] = []
    for (const [path, text] of blocksOf(guide)) {
      if (path !== null) {
        put(path, text)
        continue
      }
      for (const [, line, exit = '0'] of text.matchAll(/^trueup (.*?)(?: +# exit (\d))?$/gm)) {
        const ended = type(line!)
        expect({ line, ...ended }).toMatchObject({ line, exit: Number(exit) })
        said.push(ended.output)
      }
    }
    const [up, plan, first, second, missing, , broken, down] = said
    expect(up).toContain('A lab of 10 nodes is up')
    expect(plan).toContain('would change')
    expect(first).toContain('changed 2')
    expect(second).toContain('true already')
    expect(missing).toContain('x9000c1s7b0 is not a controller')
    expect(broken).toContain('503')
    expect(down).toContain('nothing of it is left')
  }, 240_000)
})

it('what the page of the lab shows of a folder is read as it stands', async () => {
  for (const [path, text] of blocksOf(lab)) if (path) put(path, text)
  put('mine/files/hostname', '#!/bin/sh\nexec /usr/bin/hostname "$@"\n')
  put('mine/files/settings.conf', 'level=1\n')
  const { found, diagnostics } = readFolderFiles(join(folder, 'mine'), {
    user: process.geteuid?.() ?? null,
    groups: [],
    product: null,
    accounts: fileAccounts(),
  })
  expect(diagnostics).toEqual([])
  const added = await readAdditions(found)
  expect(added.nodes.find(({ name }) => name === 'ncn-w003')?.files?.length).toBeGreaterThan(0)
  expect(added.services.map(({ name }) => name)).toEqual(['scsd', 'tickets'])
  expect(added.requests).toHaveLength(1)
})
