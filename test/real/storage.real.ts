import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { settledStorage, storageSteps, type Recorded } from '../transcripts/steps.ts'
import { playbook, type Told } from './desk.ts'
import { stopNodes } from './nodes.ts'
import { bare, recorded } from './recorded.ts'
import { startSite, type Site } from './real-site.ts'
import { stopUml, type UmlNode } from './uml.ts'

// The playbooks about storage against a real Ceph 16 and nodes whose kernels have rbd. Each test goes on where the last one ended.

let site: Site
let [one, two]: UmlNode[] = []
beforeAll(async () => {
  site = await startSite({ at: 81, names: ['x3000c0s19b1n0', 'x3000c0s19b2n0'] })
  ;[one, two] = site.nodes as [UmlNode, UmlNode]
})
afterAll(async () => {
  await stopUml()
  await site.gateway.close()
  await stopNodes()
})

const at = (name: string): string =>
  fileURLToPath(new URL(`../../playbooks/${name}`, import.meta.url))
const base = ['-e', 'repository_base=http://packages.local/storage']
const storage = async (command: 'run' | 'plan', ...flags: string[]): Promise<Told> =>
  show(
    await site.desk.trueup(command, at('storage.yaml'), '-e', 'image_size=256M', ...base, ...flags),
  )
const afterReboot = async (...flags: string[]): Promise<Told> =>
  show(await site.desk.trueup('run', at('after-reboot.yaml'), ...base, ...flags))
const image = (node: UmlNode): string => `kube/buildcache-${node.name}`
const identity = '--id kube --keyring /etc/ceph/ceph.client.kube.keyring'
const uuid = (node: UmlNode): string => node.sh('blkid -p -o value -s UUID /dev/rbd0').stdout
function show(told: Told): Told {
  if (process.env['TRUEUP_REAL_TIMES'])
    console.log(
      told.events.map((each, i) => `${each.seconds}s ${each.host} ${told.outcomes[i]}`).join('\n'),
    )
  return told
}

describe('storage on a real Ceph', () => {
  it('plans, is made, keeps what is there of others, and is made once', async () => {
    // The second node's image holds something that no file system of ours is.
    const foreign = site.master.sh(
      `truncate -s 256M /tmp/foreign && mkswap -q /tmp/foreign && rbd import --no-progress --image-feature layering,exclusive-lock /tmp/foreign ${image(two!)} && rm /tmp/foreign`,
    )
    expect(foreign.exit, foreign.stderr).toBe(0)
    const before = site.master.sh(`rbd export --no-progress ${image(two!)} - | sha256sum`).stdout

    const plan = await storage('plan')
    expect([plan.exit, plan.of('failed')], plan.words).toEqual([2, []])
    expect(site.master.sh('rbd ls kube').stdout).toBe(`buildcache-${two!.name}\n`)

    const first = await storage('run')
    expect(first.exit, first.words).toBe(1)
    expect(first.outcomes.filter((each) => each.startsWith('failed'))).toEqual([
      'failed: the image holds a file system (run/refused)',
    ])
    expect(first.events.find(({ outcome }) => outcome === 'failed')?.host).toBe(two!.name)
    expect(first.words).toMatch(/holds swap/)
    two!.sh('rbd unmap /dev/rbd0')
    expect(site.master.sh(`rbd export --no-progress ${image(two!)} - | sha256sum`).stdout).toBe(
      before,
    )

    const said = one!.sh(
      'findmnt -no SOURCE,FSTYPE /mnt/cache; findmnt -no SOURCE /tmp; stat -c %a /tmp /var/tmp /etc/ceph/ceph.client.kube.keyring; cat /etc/resolv.conf; rbd showmapped --format json',
    )
    expect(said.stdout).toContain('/dev/rbd0 ext4\n/dev/rbd0[/tmp]\n1777\n1777\n600\n')
    expect(said.stdout).toMatch(/nameserver 10\.92\.100\.225/)
    expect(
      JSON.parse(site.master.sh(`rbd info --format json ${image(one!)}`).stdout),
    ).toMatchObject({ size: 256 * 1024 ** 2, features: ['layering', 'exclusive-lock'] })

    site.master.sh(`rbd rm --no-progress ${image(two!)}`)
    const second = await storage('run')
    expect(
      [
        second.exit,
        second.events.filter(({ outcome, host }) => outcome === 'changed' && host === one!.name),
      ],
      second.words,
    ).toEqual([0, []])
    expect(second.of('changed')).toContain('the image holds a file system')
  })

  it('the kernel refuses a second map of an image that is mapped exclusively, at the same node and at another', () => {
    for (const node of [one!, two!]) {
      for (const words of ['-o exclusive ', '']) {
        const { exit, stderr } = node.sh(`rbd map ${words}${identity} ${image(one!)}`)
        expect([exit, stderr], `${node.name}: rbd map ${words}`).toEqual([
          30,
          expect.stringContaining('map failed: (30) Read-only file system'),
        ])
        expect(JSON.parse(node.sh('rbd showmapped --format json').stdout)).toHaveLength(1)
      }
      expect(node.sh('dmesg').stdout).toContain('peer will not release lock')
    }
  })

  it('loads a module, and unloads it', async () => {
    const module = (state: string): Promise<Told> =>
      site.desk.trueup(
        'run',
        playbook(
          `- ensure: the module\n  kernel_module: { name: dummy, state: ${state} }`,
          one!.name,
        ),
      )
    expect((await module('present')).of('changed')).toEqual(['the module'])
    expect(one!.sh('lsmod').stdout).toMatch(/^dummy /m)
    expect((await module('present')).of('changed')).toEqual([])
    expect((await module('absent')).of('changed')).toEqual(['the module'])
    expect(one!.sh('lsmod').stdout).not.toMatch(/^dummy /m)
  })

  it('an image that is open at another node is refused, and so is one that is mapped twice', async () => {
    site.master.sh('rbd create --size 64M --image-feature layering,exclusive-lock kube/shared')
    const shared = (node: UmlNode): Promise<Told> =>
      site.desk.trueup(
        'run',
        playbook(
          `
- ensure: the image is mapped
  rbd_map: { pool: kube, image: shared, id: kube, keyring: /etc/ceph/ceph.client.kube.keyring }
`,
          node.name,
        ),
      )
    expect((await shared(one!)).of('changed')).toEqual(['the image is mapped'])
    const refused = await shared(two!)
    expect([refused.exit, refused.outcomes], refused.words).toEqual([
      1,
      ['failed: the image is mapped (run/refused)'],
    ])
    expect(refused.words).toMatch(new RegExp(`is\\s+open at ${one!.address}`))
    one!.sh('rbd unmap kube/shared')
    // Without `exclusive` the kernel gives the lock to whoever writes: nothing but the readings of the type is left.
    const plain = [one!, one!, two!].map((node) => node.sh(`rbd map ${identity} kube/shared`))
    expect(
      plain.map(({ exit }) => exit),
      plain.map(({ stderr }) => stderr).join(''),
    ).toEqual([0, 0, 0])
    const twice = await shared(one!)
    expect([twice.exit, twice.outcomes], twice.words).toEqual([
      1,
      ['failed: the image is mapped (run/refused)'],
    ])
    expect(twice.words).toMatch(/mapped\s+2\s+times/)
    two!.sh('rbd unmap kube/shared')
    one!.sh('rbd unmap /dev/rbd1; rbd unmap /dev/rbd2')
  })

  it('comes back after a reboot and after a power cut, with what was on it', async () => {
    const before = [one!, two!].map((node) => {
      node.sh(`echo ${node.name} >/mnt/cache/marker; echo job >/tmp/left; sync`)
      return uuid(node)
    })
    // One is rebooted without a word to the cluster, as a live image is; the other loses its power. Both leave locks behind.
    const reboot = one!.reboot()
    await two!.kill()
    const cut = Date.now()
    expect(site.master.sh(`rbd status --format json ${image(two!)}`).stdout).toContain(two!.address)
    await Promise.all([reboot, two!.boot()])
    const booted = Date.now()
    const told = await afterReboot()
    expect([told.exit, told.of('failed')], told.words).toEqual([0, []])
    expect(told.of('changed')).not.toContain('the image holds a file system')
    // Nobody helped: the playbook itself waited until the cluster had given up the node that lost its power, and mapped its image then.
    const [waited, mapped] = [
      'no client has the image open',
      'the image is mapped on the node',
    ].map((sentence) =>
      told.events.find(
        ({ host }, i) => host === two!.name && told.outcomes[i]!.endsWith(`: ${sentence}`),
      )!,
    )
    expect([waited!.outcome, mapped!.outcome]).toEqual(['ok', 'changed'])
    const since = (time: number): string => `${((time - cut) / 1000).toFixed(1)} s`
    console.log(
      `${two!.name}: its power was cut, it was up again after ${since(booted)}, its image was free after ${since(waited!.at)} (${waited!.seconds} s of them waited for) and mapped after ${since(mapped!.at)}`,
    )
    for (const [i, node] of [one!, two!].entries()) {
      expect(
        node.sh('cat /mnt/cache/marker /tmp/left; findmnt -no SOURCE /var/lib/containers').stdout,
      ).toBe(`${node.name}\njob\n/dev/rbd0[/var/lib/containers]\n`)
      expect(uuid(node)).toBe(before[i])
    }
    expect([...site.system.remoteBuildNodes].sort()).toEqual([one!.name, two!.name])
    const again = await afterReboot()
    expect([again.exit, again.of('changed')], again.words).toEqual([0, []])
  })

  it('is given back: nothing is mapped or open, and the images keep what they hold', async () => {
    const back = (): Promise<Told> => site.desk.trueup('run', at('return-node.yaml'))
    const told = await back()
    expect([told.exit, told.of('failed')], told.words).toEqual([0, []])
    for (const node of [one!, two!]) {
      expect(
        node.sh('rbd showmapped --format json; findmnt /mnt/cache; findmnt /tmp; ls /etc/ceph')
          .stdout,
      ).toBe('[]\n')
      expect(
        JSON.parse(site.master.sh(`rbd status --format json ${image(node)}`).stdout),
      ).toMatchObject({ watchers: [] })
    }
    expect([...site.system.remoteBuildNodes]).toEqual([])
    const again = await back()
    expect([again.exit, again.of('changed')], again.words).toEqual([0, []])
    // The magic number of ext4.
    expect(
      site.master
        .sh(`rbd export --no-progress ${image(one!)} - | head -c 1082 | tail -c 2 | od -An -tx1`)
        .stdout.trim(),
    ).toBe('53 ef')
  })

  it('loses the image that is named, and no other, when a person says so', async () => {
    const remove = (...flags: string[]): Promise<Told> =>
      site.desk.trueup(
        'run',
        at('return-node.yaml'),
        '-e',
        `remove_images=["${image(two!).slice('kube/'.length)}"]`,
        ...flags,
      )
    const images = (): string => site.master.sh('rbd ls kube').stdout
    const before = images()
    expect((await remove()).exit).toBe(1)
    expect(images()).toBe(before)
    const told = await remove('--yes')
    expect([told.exit, told.of('changed')], told.words).toEqual([
      0,
      ['the image of the node is gone'],
    ])
    expect(images()).toBe(before.replace(`${image(two!).slice('kube/'.length)}\n`, ''))
    const again = await remove('--yes')
    expect([again.exit, again.of('changed')], again.words).toEqual([0, []])
  })

  it('its programs answer as they were recorded', () => {
    for (const file of ['ceph.conf', 'ceph.client.kube.keyring']) {
      const text = site.master.sh(
        file === 'ceph.conf' ? 'cat /etc/ceph/ceph.conf' : 'ceph auth get client.kube',
      ).stdout
      one!.sh(`mkdir -p /etc/ceph; cat >/etc/ceph/${file} <<'END'\n${text}\nEND`)
    }
    site.master.sh('for image in $(rbd ls kube); do rbd rm --no-progress kube/$image; done')
    const found = storageSteps.map((step): Recorded => {
      const { exit, stdout, stderr } = (step.on === 'master' ? site.master : one!).sh(step.run)
      return { ...step, exit, stdout: settledStorage(stdout), stderr: settledStorage(stderr) }
    })
    expect(found.map(bare)).toEqual(recorded('storage', found).map(bare))
  })

  it.runIf(process.env['TRUEUP_REAL_1000G'] === '1')(
    "is made in the size of the procedure's page",
    async () => {
      const told = await storage(
        'run',
        '-e',
        'image_size=1000G',
        '-e',
        'image_prefix=large',
        '--limit',
        one!.name,
      )
      expect([told.exit, told.of('failed')], told.words).toEqual([0, []])
      expect(Number(one!.sh('blockdev --getsize64 /dev/rbd0').stdout)).toBe(1000 * 1024 ** 3)
      const again = await storage(
        'run',
        '-e',
        'image_size=1000G',
        '-e',
        'image_prefix=large',
        '--limit',
        one!.name,
      )
      expect([again.exit, again.of('changed')], again.words).toEqual([0, []])
    },
    900_000,
  )
})
