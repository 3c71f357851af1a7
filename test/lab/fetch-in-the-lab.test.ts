import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { typed, type Ended } from '../../runner/cli/io.fixture.ts'
import { raiseLab } from '../../lab/lab.ts'

// Files of hosts are brought to this machine: over SSH and without, by a run, a plan and a saved plan.

const base = mkdtempSync(join(tmpdir(), 'trueup-fetch-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))
let folder = ''
let next = 0
beforeEach(() => {
  folder = join(base, String(next++))
  mkdirSync(folder)
})
const said = ({ events }: Ended): unknown =>
  events.flatMap((event) => (event.type === 'outcome' ? [event.error?.code ?? event.outcome] : []))
const here = (...argv: readonly string[]): Promise<Ended> =>
  typed(argv, { cwd: folder, stateFolder: join(folder, 'state') })
const onFile = (name: string): string => readFileSync(join(folder, name), 'latin1')

function playbook(params: string, hosts = 'localhost'): string {
  const file = join(folder, 'playbook.yaml')
  writeFileSync(
    file,
    `playbook: logs\ninputs:\n  where: { type: string, default: logs, description: A folder }\nplays:\n  - play: the logs are here\n    hosts: ${hosts}\n    tasks:\n      - ensure: it is here\n        fetch: { ${params} }\n`,
  )
  return file
}

describe('fetch', () => {
  it('brings a file of each host over SSH, byte by byte, once', async () => {
    const lab = await raiseLab({ folder: join(folder, 'lab') })
    try {
      const nodes = ['x3000c0s19b1n0', 'x3000c0s19b2n0']
      for (const name of nodes)
        await lab.nodes
          .get(name)!
          .run(`printf 'of ${name}\\n\\001\\377\\n\\nend' >/var/log/it.log`, { user: 'root' })
      const flags = [
        '--limit',
        nodes.join(','),
        ...lab.inventoryFiles.flatMap((each) => ['-i', each]),
      ]
      const file = playbook('src: /var/log/it.log, dest: "{{ where }}"', 'all')
      const planned = await here('plan', file, ...flags, '-o', 'saved.plan', '--diff')
      expect([planned.exit, said(planned)]).toEqual([2, ['would change', 'would change']])
      expect(existsSync(join(folder, 'logs'))).toBe(false)
      const applied = await here('apply', 'saved.plan')
      expect([applied.err, applied.exit, said(applied)]).toEqual(['', 0, ['changed', 'changed']])
      for (const name of nodes) {
        const path = join('logs', name, 'var/log/it.log')
        expect(onFile(path)).toMatch(new RegExp(`^of ${name}\n\u0001.{1,2}\n\nend$`))
        expect([
          statSync(join(folder, path)).mode & 0o777,
          statSync(join(folder, 'logs', name)).mode & 0o777,
        ]).toEqual([0o600, 0o700])
        expect(readdirSync(join(folder, 'logs', name, 'var/log'))).toEqual(['it.log'])
      }
      expect(said(await here('run', file, ...flags))).toEqual(['ok', 'ok'])
      await lab.nodes.get(nodes[1]!)!.run('echo more >>/var/log/it.log', { user: 'root' })
      expect(said(await here('run', file, ...flags))).toEqual(
        expect.arrayContaining(['ok', 'changed']),
      )
      expect(onFile(`logs/${nodes[1]}/var/log/it.log`)).toContain('endmore')
    } finally {
      await lab.close()
    }
  })

  it('replaces what is here only as it was compared, and keeps it where that is asked for', async () => {
    writeFileSync(join(folder, 'source'), 'new')
    const file = playbook(
      `src: ${folder}/source, dest: logs, name: it, backup: it.old, mode: "0640"`,
    )
    mkdirSync(join(folder, 'logs/localhost'), { recursive: true })
    writeFileSync(join(folder, 'logs/localhost/it'), 'old')
    const told = await here('run', file, '--diff')
    expect([told.exit, said(told)]).toEqual([0, ['changed']])
    expect(told.out).toMatch(/sha256/)
    expect([
      onFile('logs/localhost/it'),
      onFile('logs/localhost/it.old'),
      statSync(join(folder, 'logs/localhost/it')).mode & 0o777,
    ]).toEqual(['new', 'old', 0o640])
    expect(readdirSync(join(folder, 'logs/localhost')).sort()).toEqual(['it', 'it.old'])
  })

  it('takes an empty file, and a large one that is asked for', async () => {
    writeFileSync(join(folder, 'source'), '')
    expect(
      said(await here('run', playbook(`src: ${folder}/source, dest: logs, name: it`))),
    ).toEqual(['changed'])
    expect(statSync(join(folder, 'logs/localhost/it')).size).toBe(0)
    writeFileSync(join(folder, 'source'), Buffer.alloc(5_000_000, 'line\n'))
    expect(
      said(
        await here('run', playbook(`src: ${folder}/source, dest: logs, name: it, max_size: 1M`)),
      ),
    ).toEqual(['run/refused'])
    expect(
      said(await here('run', playbook(`src: ${folder}/source, dest: logs, name: it`))),
    ).toEqual(['changed'])
    expect(statSync(join(folder, 'logs/localhost/it')).size).toBe(5_000_000)
  })

  it('follows no link on this machine', async () => {
    writeFileSync(join(folder, 'source'), 'x')
    mkdirSync(join(folder, 'elsewhere'))
    mkdirSync(join(folder, 'logs'))
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'logs/localhost'))
    const through = await here('run', playbook(`src: ${folder}/source, dest: ., name: it`))
    expect(said(through)).toEqual(['changed'])
    mkdirSync(join(folder, 'logs2/localhost'), { recursive: true })
    symlinkSync(join(folder, 'elsewhere'), join(folder, `logs2/localhost/${folder.split('/')[1]}`))
    expect(said(await here('run', playbook(`src: ${folder}/source, dest: logs2`)))).toEqual([
      'action/failed',
    ])
    symlinkSync(join(folder, 'source'), join(folder, 'logs2/localhost/it'))
    writeFileSync(join(folder, 'source'), 'y')
    writeFileSync(join(folder, 'other'), 'z')
    expect(
      said(await here('run', playbook(`src: ${folder}/other, dest: logs2, name: it`))),
    ).toEqual(['run/refused'])
    expect(readdirSync(join(folder, 'elsewhere'))).toEqual([])
    expect(onFile('source')).toBe('y')
  })

  it.each([
    ['src: /etc/hostname, dest: "{{ facts.hostname }}"', 'param/local-folder'],
    ['src: /etc/hostname, dest: !expr facts.hostname', 'param/local-folder'],
    ['src: "/var/../etc/hostname", dest: logs', 'param/path'],
    ['src: /etc/hostname, dest: logs, name: ../it', 'param/pattern'],
  ])('%s is refused before anything runs', async (params, code) => {
    const told = await here('run', playbook(params))
    expect(told).toMatchObject({ exit: 3, events: [] })
    expect(told.err).toContain(`[${code}]`)
  })
})
