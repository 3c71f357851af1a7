import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { askLab } from './control.ts'
import { labSsh, sshArgv } from './ssh.ts'
import { defaultLabFolder, labDown, labEnv, labFault, labReboot, labStatus, labUp } from './up.ts'

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

function environment(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split('\n').map((line) => /^export (\w+)=(.*)$/.exec(line)!.slice(1, 3)),
  ) as Record<string, string>
}
/** The status of a GET that trusts the lab's authority alone. */
function getStatus(
  { LAB_URL, LAB_CA }: Readonly<Record<string, string>>,
  path: string,
  header: string,
): Promise<number | undefined> {
  const authorization = header.slice(header.indexOf(' ') + 1).trim()
  return new Promise((resolve, reject) => {
    get(
      `${LAB_URL}${path}`,
      { ca: readFileSync(LAB_CA!), agent: false, headers: { authorization } },
      (answer) => resolve(answer.resume().statusCode),
    ).once('error', reject)
  })
}

describe('a lab that outlives its command', () => {
  it('runs in a process of its own until it is taken down, and leaves nothing', async () => {
    const folder = join(parent, 'lab')
    const up = await labUp(folder, { release: '1.5' })
    for (const command of ['status', 'ssh', 'reboot', 'fault', 'down'])
      expect(up.text).toContain(`trueup lab ${command} --folder ${folder}`)
    expect(up.status).toMatchObject({ folder, release: '1.5' })
    expect(up.text).toContain(join(folder, 'connections.yaml'))
    const named = /trueup plan (\S+)/.exec(up.text)![1]!
    expect(existsSync(named)).toBe(true)
    const { pid } = (await askLab(folder, { do: 'status' }))!
    expect(pid).not.toBe(process.pid)
    await expect(labUp(folder)).rejects.toMatchObject({ diagnostics: [{ code: 'lab/already-up' }] })

    expect(up.text).toContain(`trueup lab env --folder ${folder}`)
    const first = readFileSync(environment((await labEnv(folder)).text)['LAB_HEADER']!, 'utf8')
    const shell = environment((await labEnv(folder)).text)
    expect(shell).toMatchObject({
      CRAY_CONFIG_DIR: join(folder, 'cray'),
      LAB_URL: up.status.gateway,
    })
    const header = readFileSync(shell['LAB_HEADER']!, 'utf8')
    expect(header).not.toBe(first)
    expect(statSync(shell['LAB_HEADER']!).mode & 0o777).toBe(0o600)
    const token = JSON.parse(readFileSync(shell['CRAY_CREDENTIALS']!, 'utf8')) as object
    expect(token).toMatchObject({ access_token: /Bearer (\S+)/.exec(header)![1], expires_in: 300 })
    expect(statSync(shell['CRAY_CREDENTIALS']!).mode & 0o777).toBe(0o600)
    expect(
      readFileSync(join(shell['CRAY_CONFIG_DIR']!, '.config/cray/configurations/default'), 'utf8'),
    ).toContain(`hostname = "${shell['LAB_URL']}"`)
    expect(await getStatus(shell, '/apis/ims/v3/images', header)).toBe(200)

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

  it('leaves a folder cray alone that another program made', async () => {
    const folder = join(parent, 'lab')
    mkdirSync(join(folder, 'cray'), { recursive: true, mode: 0o700 })
    writeFileSync(join(folder, 'cray/mine'), '')
    await labUp(folder)
    await expect(labEnv(folder)).rejects.toMatchObject({ diagnostics: [{ code: 'lab/folder' }] })
    await labDown(folder)
    expect(existsSync(join(folder, 'cray/mine'))).toBe(true)
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
