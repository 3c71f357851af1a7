import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { textOf } from '../../lab/kubernetes/kubernetes-cluster.ts'
import { sharedLab } from '../../lab/shared-lab.fixture.ts'
import { runTasks, type Told } from '../harness/run-in-lab.ts'

// s3_object against the lab's S3: a file and a text are put, left alone, replaced and removed.

const site = sharedLab('objects-in-s3')

function run(tasks: string, command: 'plan' | 'run' = 'run'): Promise<Told> {
  return runTasks({ ...site, tasks, command })
}
const objects = () => site.lab.system.s3.buckets.get('boot-images')!.objects

const put = `      - ensure: the root file system
        s3_object: { bucket: boot-images, key: site/rootfs, src: rootfs.bin }
        register: rootfs
      - ensure: a text
        s3_object: { bucket: boot-images, key: "site/a b.json", content: "{\\"etag\\": \\"{{ rootfs.etag }}\\"}", content_type: application/json }
`

describe('objects of S3', () => {
  it('are put once, with their hash beside them, and no key shows', async () => {
    writeFileSync(join(site.folder, 'rootfs.bin'), Buffer.alloc(3_000_000, 7))
    expect((await run(put, 'plan')).exit).toBe(2)
    const first = await run(put)
    expect(first.exit).toBe(0)
    const key = textOf(
      site.lab.system.cluster,
      'Secret',
      'services',
      'ims-s3-credentials',
      'secret_key',
    )
    expect(JSON.stringify(first)).not.toContain(key)
    const rootfs = objects().get('site/rootfs')!
    expect(rootfs.bytes.length).toBe(3_000_000)
    expect(objects().get('site/a b.json')).toMatchObject({
      contentType: 'application/json',
      bytes: Buffer.from(`{"etag": "${rootfs.etag}"}`),
    })
    expect(await run(put)).toMatchObject({ exit: 0, changes: [] })
    writeFileSync(join(site.folder, 'rootfs.bin'), 'new')
    expect((await run(put)).changes).toEqual(['the root file system', 'a text'])
    expect(objects().get('site/rootfs')!.bytes.toString()).toBe('new')
  })

  it('are removed once', async () => {
    const gone =
      '      - ensure: none\n        s3_object: { bucket: boot-images, key: site/rootfs, state: absent }\n'
    expect((await run(gone)).changes).toHaveLength(1)
    expect(objects().has('site/rootfs')).toBe(false)
    expect(await run(gone)).toMatchObject({ exit: 0, changes: [] })
  })

  it('are refused in the words of S3 where the bucket is not there', async () => {
    const told = await run(
      '      - ensure: nowhere\n        s3_object: { bucket: nowhere, key: a, content: x }\n',
    )
    expect(told.exit).toBe(1)
    expect(told.errors.join()).toMatch(/404/)
  })
})
