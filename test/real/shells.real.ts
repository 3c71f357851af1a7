import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import {
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  cpSync,
  mkdirSync,
} from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import headless from '@xterm/headless'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

// Completion as people meet it: bash, zsh and fish on a terminal of their own, and the TAB key.

const root = join(import.meta.dirname, '../..')
const { Terminal } = headless
let folder: string
let started: ChildProcess | null = null
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'trueup-shells-'))
  mkdirSync(join(folder, 'bin'))
  symlinkSync(join(root, 'dist/bin/main.cjs'), join(folder, 'bin/trueup'))
  cpSync(join(root, 'playbooks'), join(folder, 'playbooks'), { recursive: true })
  cpSync(join(root, 'inventory'), join(folder, 'inventory'), { recursive: true })
  writeFileSync(join(folder, 'answer'), '')
})
afterAll(() => {
  started?.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

const shells = {
  bash: {
    argv: 'bash --norc --noprofile -i',
    load: 'bind "set bell-style none"; eval "$(trueup completion bash)"',
  },
  zsh: {
    argv: 'zsh -f -i',
    load: 'autoload -Uz compinit; compinit -u -d $PWD/zcompdump; eval "$(trueup completion zsh)"',
  },
  fish: { argv: 'fish --no-config -i', load: 'trueup completion fish | source' },
} as const

/** A shell on a terminal; `type` sends keys, `seen` waits until the terminal has shown something since then. */
async function open(name: keyof typeof shells) {
  const { argv, load } = shells[name]
  // util-linux's `script` gives the shell a terminal.
  const child = spawn('script', ['-qfec', argv, '/dev/null'], {
    cwd: folder,
    env: {
      ...process.env,
      PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
      HOME: folder,
      XDG_STATE_HOME: join(folder, 'state'),
      XDG_CACHE_HOME: join(folder, 'cache'),
      TERM: 'xterm',
      COLUMNS: '200',
      LC_ALL: 'C.UTF-8',
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  started = child
  const terminal = new Terminal({ cols: 200, rows: 50, allowProposedApi: true })
  child.stdout!.on('data', (part: Buffer) => terminal.write(part))
  const lines = (): string => {
    const { active } = terminal.buffer
    return Array.from({ length: active.length }, (_, y) =>
      active.getLine(y)!.translateToString(true),
    ).join('\n')
  }
  const seen = async (wanted: RegExp): Promise<void> => {
    const deadline = Date.now() + 60_000
    while (!wanted.test(lines())) {
      if (Date.now() > deadline) throw new Error(`${wanted} is not on the terminal:\n${lines()}`)
      await sleep(100)
    }
  }
  const type = (keys: string): void => void child.stdin!.write(keys)
  type(`${load}\n`)
  type('echo rea""dy\n')
  await seen(/^ready$/m)
  return {
    type,
    seen,
    /** Empties the line that is being typed, and the screen. */
    async clear() {
      type('\x15\x0c')
      await sleep(500)
      terminal.clear()
    },
    end: () => child.kill('SIGKILL'),
  }
}

describe.each(Object.keys(shells) as (keyof typeof shells)[])('%s', (name) => {
  it('completes commands, playbooks, inputs, tasks and hosts', async () => {
    const shell = await open(name)
    try {
      shell.type('trueup valid\t')
      await shell.seen(/trueup validate /)
      await shell.clear()
      shell.type('trueup plan playbooks/stor\t')
      await shell.seen(/playbooks\/storage\.yaml/)
      await shell.clear()
      shell.type('trueup plan playbooks/storage.yaml --skip-t\t')
      await shell.seen(/--skip-tags/)
      await shell.clear()
      shell.type('trueup plan playbooks/storage.yaml -e image_s\t')
      await shell.seen(/-e image_size=/)
      await shell.clear()
      shell.type('trueup plan playbooks/storage.yaml -i inventory/lab.yaml -l ncn-s\t')
      await shell.seen(/-l ncn-s001/)
      await shell.clear()
      shell.type('trueup types zypper_\t')
      await shell.seen(/types zypper_repository/)
      await shell.clear()
      shell.type('trueup plan playbooks/storage.yaml -e \t\t')
      await shell.seen(/pool=/)
    } finally {
      shell.end()
    }
  })
})

describe('the manual pages', () => {
  it.each(readdirSync(join(root, 'man')))('%s is shown without a warning', (page) => {
    const { status, stdout, stderr } = spawnSync(
      'man',
      ['--warnings', '-l', join(root, 'man', page)],
      {
        encoding: 'utf8',
        env: { ...process.env, MANPAGER: 'cat', LC_ALL: 'C.UTF-8' },
      },
    )
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toContain(`trueup manual`)
  })
})
