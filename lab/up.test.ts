import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { askLab } from './control.ts'
import { labSsh, sshArgv } from './ssh.ts'
import { defaultLabFolder, labDown, labFault, labReboot, labStatus, labUp } from './up.ts'

const options = process.env['NODE_OPTIONS']
beforeAll(() => {
  process.env['NODE_OPTIONS'] =
    `--import ${new URL('../tools/run-typescript.mjs', import.meta.url)}`
})
afterAll(() => {
  if (options === undefined) delete process.env['NODE_OPTIONS']
  else process.env['NODE_OPTIONS'] = options
})

let parent: string
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'lab-up-'))
})
afterEach(async () => {
  await labDown(join(parent, 'lab')).catch(() => {})
  rmSync(parent, { recursive: true, force: true })
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('a lab that outlives its command', { timeout: 120_000 }, () => {
  it('runs in a process of its own until it is taken down, and leaves nothing', async () => {
    const folder = join(parent, 'lab')
    const up = await labUp(folder, { release: '1.5' })
    for (const command of ['status', 'ssh', 'reboot', 'fault', 'down'])
      expect(up.text).toContain(`trueup lab ${command} --folder ${folder}`)
    expect(up.status).toMatchObject({ folder, release: '1.5' })
    expect(up.text).toContain(join(folder, 'connections.yaml'))
    const { pid } = (await askLab(folder, { do: 'status' }))!
    expect(pid).not.toBe(process.pid)
    await expect(labUp(folder)).rejects.toMatchObject({ diagnostics: [{ code: 'lab/already-up' }] })

    const before = up.status.nodes.find((node) => node.name === 'x3000c0s19b4n0')!
    const after = (await labReboot('x3000c0s19b4n0', folder)).status.nodes.find(
      (node) => node.name === 'x3000c0s19b4n0',
    )!
    expect(after.bootId).not.toBe(before.bootId)
    expect(after.port).toBe(before.port)
    await labFault(['x3000c0s19b1n0', 'off'], folder)
    expect((await labStatus(folder)).text).toMatch(/x3000c0s19b1n0 +off/)

    await labDown(folder)
    expect(isAlive(pid)).toBe(false)
    expect(existsSync(folder)).toBe(false)
  })

  it("is entered by the ssh of the system, with the lab's key and known hosts alone", async () => {
    const folder = join(parent, 'lab')
    const { status } = await labUp(folder)
    expect(sshArgv(status, 'ncn-m001', { user: 'root', command: ['true'] })).toEqual(
      expect.arrayContaining([
        '-F',
        '/dev/null',
        '-i',
        join(folder, 'id_ed25519'),
        'StrictHostKeyChecking=yes',
        'root@127.0.0.1',
        'true',
      ]),
    )
    expect(await labSsh(status, 'ncn-m001', { command: ['exit', '7'] })).toBe(7)
    expect(
      await labSsh(status, 'x3000c0s19b3n0', {
        command: ['test', '"$(uname -m)"', '=', 'aarch64'],
      }),
    ).toBe(0)
    await expect(labSsh(status, 'nobody')).rejects.toMatchObject({
      diagnostics: [{ code: 'lab/no-such-node' }],
    })
  })

  it('says why it did not come up, and leaves nothing then either', async () => {
    const broken = join(parent, 'broken.mjs')
    writeFileSync(broken, 'throw new Error("no shell here")')
    await expect(labUp(join(parent, 'lab'), { entry: broken })).rejects.toMatchObject({
      diagnostics: [{ code: 'lab/not-up', message: expect.stringContaining('no shell here') }],
    })
    expect(existsSync(join(parent, 'lab'))).toBe(false)
    await expect(labUp(join(parent, 'lab'), { release: '9.9' })).rejects.toMatchObject({
      diagnostics: [{ code: 'lab/release' }],
    })
  })

  it('is tidied away, or raised again, after it was killed', async () => {
    const folder = join(parent, 'lab')
    const kill = async (): Promise<void> => {
      const { pid } = (await askLab(folder, { do: 'status' }))!
      process.kill(pid, 'SIGKILL')
      while (await askLab(folder, { do: 'status' }).catch(() => null))
        await new Promise((resolve) => setTimeout(resolve, 10))
    }
    const first = await labUp(folder)
    await kill()
    const second = await labUp(folder)
    expect(second.status.nodes.map((node) => node.bootId)).not.toEqual(
      first.status.nodes.map((node) => node.bootId),
    )
    await kill()
    await labDown(folder)
    expect(existsSync(folder)).toBe(false)
  })

  it('refuses a folder whose socket nobody could reach', async () => {
    await expect(labUp(join(parent, 'x'.repeat(100)))).rejects.toMatchObject({
      diagnostics: [{ code: 'lab/folder' }],
    })
  })

  it('trusts no folder that is a link', async () => {
    symlinkSync(parent, join(parent, 'link'))
    await expect(labUp(join(parent, 'link'))).rejects.toMatchObject({
      diagnostics: [{ code: 'lab/folder' }],
    })
  })

  it("has a folder of its user's own", () => {
    expect(defaultLabFolder({ XDG_RUNTIME_DIR: parent })).toBe(join(parent, 'trueup-lab'))
    expect(defaultLabFolder({ XDG_RUNTIME_DIR: '/nowhere' })).toMatch(/trueup-lab-/)
    expect(defaultLabFolder({})).toMatch(/trueup-lab-/)
  })
})
