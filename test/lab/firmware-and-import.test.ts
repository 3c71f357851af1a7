import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { sharedLab } from '../../lab/shared-lab.fixture.ts'
import { runInLab, type Told } from '../harness/run-in-lab.ts'

// The playbooks firmware.yaml and import-image.yaml in a rehearsal lab: first and second run, an interrupted one, the dangerous ones.

const site = sharedLab('firmware-and-import')
const file = (name: string): string => join(site.folder, name)
beforeAll(() => {
  writeFileSync(file('image.squashfs'), Buffer.alloc(50_000, 1))
  writeFileSync(file('vmlinuz'), 'kernel')
  writeFileSync(file('initrd'), 'initrd')
})

function run(
  playbook: string,
  inputs: readonly string[],
  ...flags: readonly string[]
): Promise<Told> {
  return runInLab({
    ...site,
    command: 'run',
    playbook,
    flags: [...inputs.flatMap((each) => ['-e', each]), ...flags],
  })
}

describe('firmware.yaml', () => {
  const inputs = (name: string) => [`name=${name}`, 'xnames=[x3000c0s19b2]', 'targets=["iLO 5"]']
  const version = () => site.lab.system.fas.versions.get('x3000c0s19b2 1')

  it('checks, and writes nothing unless it is asked to', async () => {
    const told = await run('firmware', inputs('may'))
    expect(told.errors).toEqual([])
    expect(told).toMatchObject({ exit: 0, changes: ['the dry run has ended well'] })
    expect(told.shown['ncn-m001']![0]).toContain('dry run completed: Updated Image: 2.78.0')
    expect(version()).toBeUndefined()
  })

  it('writes nothing without an answer, and once with one', async () => {
    expect((await run('firmware', [...inputs('may'), 'update=true'])).exit).toBe(1)
    expect(version()).toBeUndefined()
    const told = await run('firmware', [...inputs('may'), 'update=true'], '--yes')
    expect(told).toMatchObject({ exit: 0 })
    expect(version()).toBe('2.78.0')
    const actions = site.lab.system.fas.actions.size
    expect(await run('firmware', [...inputs('may'), 'update=true'], '--yes')).toMatchObject({
      exit: 0,
    })
    expect(site.lab.system.fas.actions.size).toBe(actions)
  })
})

describe('import-image.yaml', () => {
  const inputs = [
    'name=site-image',
    'arch=x86_64',
    `rootfs=${file('image.squashfs')}`,
    `kernel=${file('vmlinuz')}`,
    `initrd=${file('initrd')}`,
  ]
  const images = () => site.lab.system.images.filter((each) => each.name === 'site-image')

  it('imports an image, also after a run that was interrupted behind its record', async () => {
    const stop = new AbortController()
    await runInLab({
      ...site,
      command: 'run',
      playbook: 'import-image',
      flags: inputs.flatMap((each) => ['-e', each]),
      stop: stop.signal,
      hear: () => images().length > 0 && stop.abort(),
    })
    expect(images()).toHaveLength(1)
    expect(images()[0]!.link).toBeNull()
    expect((await run('import-image', inputs)).errors).toEqual([])
    expect(images()).toHaveLength(1)
    const { id, link } = images()[0]!
    const manifest = site.lab.system.s3.buckets
      .get('boot-images')!
      .objects.get(`${id}/manifest.json`)!
    expect(link).toMatchObject({ etag: manifest.etag })
    expect(JSON.parse(manifest.bytes.toString()).artifacts).toHaveLength(3)
    expect(await run('import-image', inputs)).toMatchObject({ exit: 0, changes: [] })
  })

  it('does not give an image that boots nodes another content under its name', async () => {
    const { id } = images()[0]!
    const objects = () => site.lab.system.s3.buckets.get('boot-images')!.objects
    const held = new Map(objects())
    writeFileSync(file('initrd'), 'another')
    const told = await run('import-image', inputs)
    expect(told).toMatchObject({ exit: 1, changes: [] })
    expect(told.errors.join()).toContain('sha256')
    expect(objects().get(`${id}/initrd`)!.bytes.toString()).toBe('initrd')
    expect(objects()).toEqual(held)
  })
})
