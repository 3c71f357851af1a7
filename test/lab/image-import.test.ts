import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { sharedLab } from '../../lab/shared-lab.fixture.ts'
import { runTasks, type Told } from '../harness/run-in-lab.ts'

// An external image comes to IMS by its record, its artifacts in S3 and its manifest, as the page says, and to BSS.

const site = sharedLab('image-import')
beforeAll(() => {
  writeFileSync(join(site.folder, 'image.squashfs'), Buffer.alloc(100_000, 1))
  writeFileSync(join(site.folder, 'vmlinuz'), 'kernel')
})

function run(tasks: string): Promise<Told> {
  return runTasks({ ...site, tasks })
}

const record = `      - ensure: IMS knows the image
        ims_image: { name: site-image, arch: x86_64 }
        register: image
`
const artifacts = `      - ensure: its root file system is in S3
        s3_object: { bucket: boot-images, key: "{{ image.id }}/rootfs", src: image.squashfs }
        register: rootfs
      - ensure: its kernel is in S3
        s3_object: { bucket: boot-images, key: "{{ image.id }}/kernel", src: vmlinuz }
        register: kernel
      - ensure: its manifest is in S3
        s3_object:
          bucket: boot-images
          key: "{{ image.id }}/manifest.json"
          content: |
            {"version": "1.0", "artifacts": [
              {"type": "application/vnd.cray.image.rootfs.squashfs", "md5": "{{ rootfs.md5 }}",
               "link": {"type": "s3", "path": "{{ rootfs.path }}", "etag": "{{ rootfs.etag }}"}},
              {"type": "application/vnd.cray.image.kernel", "md5": "{{ kernel.md5 }}",
               "link": {"type": "s3", "path": "{{ kernel.path }}", "etag": "{{ kernel.etag }}"}}]}
        register: manifest
      - ensure: the image has its manifest
        ims_image: { id: "{{ image.id }}", manifest: "{{ manifest.path }}", etag: "{{ manifest.etag }}" }
`
const images = () => site.lab.system.images.filter((each) => each.name === 'site-image')

describe('an external image', () => {
  it('is imported once, also after a run that ended behind its record', async () => {
    expect((await run(record)).exit).toBe(0)
    const first = await run(record + artifacts)
    expect(first.errors).toEqual([])
    expect(first.changes).toHaveLength(4)
    expect(images()).toHaveLength(1)
    const { id, link } = images()[0]!
    const manifest = site.lab.system.s3.buckets
      .get('boot-images')!
      .objects.get(`${id}/manifest.json`)!
    expect(link).toMatchObject({
      path: `s3://boot-images/${id}/manifest.json`,
      etag: manifest.etag,
    })
    expect(JSON.parse(manifest.bytes.toString()).artifacts).toHaveLength(2)
    expect(await run(record + artifacts)).toMatchObject({ exit: 0, changes: [] })
  })

  it('keeps its manifest where another is wanted', async () => {
    const { id } = images()[0]!
    const told = await run(
      `      - ensure: another\n        ims_image: { id: ${id}, manifest: s3://boot-images/other/manifest.json }\n`,
    )
    expect(told.exit).toBe(1)
    expect(told.errors.join()).toContain('IMS takes no other')
  })

  it('is deleted once', async () => {
    const gone = '      - ensure: none\n        ims_image: { name: site-image, state: absent }\n'
    expect((await run(gone)).changes).toHaveLength(1)
    expect(images()).toEqual([])
    expect(await run(gone)).toMatchObject({ exit: 0, changes: [] })
  })
})
