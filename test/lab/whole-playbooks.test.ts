import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { watcherMilliseconds } from '../../lab/ceph/ceph-cluster.ts'
import type { Event } from '../../runner/model/event.ts'
import { labFiles } from '../../lab/lab-files.ts'
import { raiseLab, type Lab } from '../../lab/lab.ts'
import type { Release } from '../../lab/csm/system-model.ts'
import { runInLab, type Told } from '../harness/run-in-lab.ts'
import { time } from '../harness/skipped-time.ts'

// The whole procedure, from the command line to the nodes and services of a rehearsal lab. Whoever waits moves the clock.

vi.mock('../../runner/wiring/clock.ts', () => import('../harness/skipped-time.ts'))

const intel = 'x3000c0s19b1n0'
const otherIntel = 'x3000c0s19b2n0'
const arm = 'x3000c0s19b3n0'
const both = [intel, arm]
let folder = ''
let lab: Lab
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'whole-playbooks-'))
  const file = join(folder, 'host-keys.yaml')
  writeFileSync(file, 'groups:\n  remote_build_nodes:\n    host_keys: new-after-boot\n')
  trusting = ['-i', file]
})
afterEach(() => lab.close())
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function raise(release: Release = '1.6'): Promise<void> {
  lab = await raiseLab({
    folder: mkdtempSync(join(folder, 'lab-')),
    release,
    now: () => Date.now() + time.skipped,
  })
}
function trueup(
  command: 'plan' | 'run',
  playbook: string,
  flags: readonly string[] = [],
  hosts: readonly string[] = both,
): Promise<Told> {
  return runInLab({
    lab,
    folder,
    command,
    playbook,
    flags: [...trusting, '--limit', hosts.join(','), ...flags],
  })
}
async function on(name: string, command: string): Promise<string> {
  const { stdout, stderr, exitCode } = await lab.nodes.get(name)!.run(command, { user: 'root' })
  expect({ command, stderr, exitCode }).toMatchObject({ exitCode: 0 })
  return stdout
}
/** An admin takes the host keys of nodes that were booted into known_hosts. */
function learnKeys(): void {
  writeFileSync(
    labFiles(lab.folder).knownHosts,
    [...lab.nodes.values()].map((node) => `[127.0.0.1]:${node.port} ${node.hostKey}\n`).join(''),
  )
}
/** What a reboot takes, as text. */
function volatile(name: string): Promise<string> {
  return on(
    name,
    "mount | grep rbd; rbd showmapped 2>/dev/null | tr -s ' '; ls /etc/ceph 2>/dev/null; grep -c nistp384 /root/.ssh/authorized_keys; ls /usr/bin/podman 2>/dev/null; grep server /etc/resolv.conf; true",
  )
}

/** A node that this run has booted may present a new host key, once. */
let trusting: readonly string[] = []
const mended = ['-e', 'configuration_commit=0123456789abcdef0123456789abcdef01234567']

const rebuilt = ['-e', 'build_image=true']
const made = ['CFS knows how to customize a builder image', 'the builder image is made']
const booted = [
  'BOS knows how to boot a builder of this architecture',
  'the node is booted into the builder image',
]
const stored = [
  'netconfig knows that name server and the domains to search',
  'the resolver uses them',
  'the SLE Basesystem pool is a repository',
  'the commands of Ceph are installed',
  'the folder of Ceph is there',
  'the node knows where the storage cluster is',
  "the node has the keyring of the pool's user",
  'the node has an image of its own',
  'the image is mapped on the node',
  'the image holds a file system',
  'the build cache is mounted',
  'the folders of the build cache have the modes of what they stand for',
  'temporary files lie on the build cache',
  'containers and their images lie on the build cache',
  'large temporary files lie on the build cache',
]
const locked = ['the node is as wanted in HSM']
const listed = [
  'the SLE Containers pool is a repository',
  'Podman is installed',
  'IMS may sign in as root',
  'the node is registered with IMS',
]
/** What is baked into the builder image need not be done on the node. */
const without = (all: readonly string[], ...baked: readonly string[]): string[] =>
  all.filter((each) => !baked.includes(each))

describe.each(['1.5', '1.6.0', '1.6', '1.7'] as const)(
  'the whole procedure on CSM %s',
  (release) => {
    it('plans all, makes it so, finds nothing more to do, outlives a reboot, and is undone', async () => {
      await raise(release)
      const state = mkdtempSync(join(folder, 'state-'))
      const csm = ['-e', `csm_version=${release}`]
      const flags = [...csm, ...(release === '1.6.0' ? mended : [])]
      const plan = await trueup('plan', 'whole', [...flags, ...rebuilt])
      expect(plan).toMatchObject({ exit: 2, errors: [] })
      // What hangs on an image that is not made yet, and on a boot that may come, is not known yet, and said so.
      expect(plan.changes).toEqual(made)
      expect(plan.outcomes['unknown']).toEqual(
        expect.arrayContaining([...booted, ...stored, ...locked, ...listed]),
      )
      const existing = await trueup('plan', 'whole', flags)
      expect(existing).toMatchObject({ exit: 2, errors: [] })
      expect(existing.changes).toEqual(
        expect.arrayContaining([...stored.slice(0, 8), ...locked, ...listed]),
      )
      expect([...existing.changes, ...existing.outcomes['unknown']!]).toEqual(
        expect.arrayContaining([...stored, ...locked, ...listed]),
      )

      const first = await trueup('run', 'whole', [...flags, ...rebuilt])
      expect(first).toMatchObject({ exit: 0, errors: [] })
      const baked =
        release === '1.7'
          ? ['IMS may sign in as root']
          : ['Podman is installed', 'IMS may sign in as root']
      expect(first.changes).toEqual([
        ...made,
        ...booted,
        ...stored,
        ...locked,
        ...without(listed, ...baked),
      ])
      for (const name of both) expect(lab.system.locks.get(name)).toMatchObject({ locked: true })
      expect([...lab.system.remoteBuildNodes].sort()).toEqual(both)

      learnKeys()
      for (const round of ['with no guesses', 'with guesses']) {
        const again = await runInLab({
          lab,
          folder,
          state,
          command: 'run',
          playbook: 'whole',
          flags: [...trusting, '--limit', both.join(','), ...flags, ...rebuilt],
        })
        expect({ round, exit: again.exit, changes: again.changes, errors: again.errors }).toEqual({
          round,
          exit: 0,
          changes: [],
          errors: [],
        })
        if (round === 'with guesses')
          expect(again.scripts).toMatchObject(
            Object.fromEntries(both.map((name) => [`host ${name}`, 1])),
          )
      }

      const before = await Promise.all(both.map(volatile))
      await lab.reboot(intel)
      expect(await volatile(intel)).not.toBe(before[0])
      time.skipped += watcherMilliseconds
      const restored = await trueup('run', 'after-reboot', csm)
      expect(restored).toMatchObject({ exit: 0, errors: [] })
      expect(restored.changes).toEqual([
        ...without(
          stored,
          'the node has an image of its own',
          'the image holds a file system',
          'the folders of the build cache have the modes of what they stand for',
        ),
        ...without(listed, ...baked, 'the node is registered with IMS'),
      ])
      expect(await Promise.all(both.map(volatile))).toEqual(before)

      expect(await trueup('run', 'return-node')).toMatchObject({ exit: 0, errors: [] })
      for (const name of both) {
        expect(await volatile(name)).toMatch(
          /^0\n(?:\/usr\/bin\/podman\n)?nameserver 10\.92\.100\.225\n$/,
        )
        expect(lab.system.locks.get(name)?.locked ?? false).toBe(false)
      }
      expect(lab.system.remoteBuildNodes.size).toBe(0)
    })
  },
)

describe('builder-image.yaml', () => {
  it('explains the known failure of CSM 1.6.0 before a session is begun', async () => {
    await raise('1.6.0')
    const told = await trueup('run', 'builder-image')
    expect(told).toMatchObject({ exit: 1, changes: [] })
    expect(told.outcomes['failed']).toEqual([expect.stringContaining('configuration_commit=')])
    expect(lab.system.cfs.sessions.size).toBe(0)
  })

  it('begins nothing where IMS has the image, also when CFS has forgotten all', async () => {
    await raise()
    expect(await trueup('run', 'builder-image')).toMatchObject({
      exit: 0,
      errors: [],
      changes: made,
    })
    expect([...lab.system.cfs.sessions.keys()].sort()).toEqual([
      'build-ims-remote-image-1.6.1-aarch64',
      'build-ims-remote-image-1.6.1-x86-64',
    ])
    lab.system.cfs.sessions.clear()
    lab.system.cfs.configurations.clear()
    expect(await trueup('run', 'builder-image')).toMatchObject({ exit: 0, errors: [], changes: [] })
    expect(lab.system.cfs.sessions.size).toBe(0)
    expect(
      lab.system.images.filter((image) => image.name.startsWith('ims-remote-image-1.6.1-')),
    ).toHaveLength(2)
  })

  it('makes one image for nodes of one architecture, also when tokens expire on the way', async () => {
    await raise()
    lab.system.faults.push({ kind: 'expire-tokens-after', times: 6 })
    expect(await trueup('run', 'builder-image', [], [intel, otherIntel])).toMatchObject({
      exit: 0,
      errors: [],
    })
    expect([...lab.system.cfs.sessions.keys()]).toEqual(['build-ims-remote-image-1.6.1-x86-64'])
  })

  it.each([
    ['false', 'has failed'],
    ['unknown', 'does not know what became'],
    ['never', 'not settled after 2h'],
  ] as const)('does not take a session for done that ends with %s', async (ends, words) => {
    await raise()
    lab.system.faults.push({ kind: 'cfs-session', ends })
    const told = await trueup('run', 'builder-image', [], [intel])
    expect(told).toMatchObject({ exit: 1, outcomes: { failed: ['the builder image is made'] } })
    expect(told.errors.join()).toContain(words)
    // A person must look: nothing is repeated by itself.
    lab.system.faults.length = 0
    const sessions = lab.system.cfs.sessions.size
    if (ends !== 'never')
      expect(await trueup('run', 'builder-image', [], [intel])).toMatchObject({
        exit: 1,
        outcomes: { failed: ['the builder image is made'] },
      })
    expect(lab.system.cfs.sessions.size).toBe(sessions)
  })

  it('does not guess where its pattern fits several images of the catalog', async () => {
    await raise()
    const told = await trueup('run', 'builder-image', ['-e', 'base_image=.*|.*'], [intel])
    expect(told).toMatchObject({
      exit: 1,
      changes: [],
      outcomes: {
        failed: ['the product catalog has a base image for the architecture of the node'],
      },
    })
    expect(told.errors.join()).toContain('images of csm 1.6.1 fit: ')
    expect(lab.system.cfs.sessions.size).toBe(0)
  })

  it('explains a base image that was deleted while the catalog keeps its name', async () => {
    await raise()
    lab.system.images.splice(0, lab.system.images.length)
    const told = await trueup('run', 'builder-image', [], [intel])
    expect(told).toMatchObject({
      exit: 1,
      changes: [],
      outcomes: { failed: ['IMS still has the base image that the product catalog names'] },
    })
  })
})

describe('boot.yaml', () => {
  const bootOf = (name: string): Promise<string> => on(name, 'cat /proc/sys/kernel/random/boot_id')

  it('boots a node that is off, reboots one that is on, and leaves both alone from then on', async () => {
    await raise()
    expect(await trueup('run', 'builder-image')).toMatchObject({ exit: 0 })
    await lab.fault({ on: 'power', node: arm, power: 'off' })
    const before = await bootOf(intel)
    expect(await trueup('run', 'boot')).toMatchObject({ exit: 0, errors: [], changes: booted })
    expect(
      [...lab.system.bos.sessions.values()]
        .map((session) => [session.limit, session.operation])
        .sort(),
    ).toEqual([
      [intel, 'reboot'],
      [arm, 'boot'],
    ])
    const boots = await Promise.all(both.map(bootOf))
    expect(boots[0]).not.toBe(before)
    expect(
      lab.system.bos.templates.get('bos_ims_remote_node_x86_64')!.boot_sets['compute']!
        .kernel_parameters,
    ).toContain('spire_join_token=${SPIRE_JOIN_TOKEN} root=live:s3://boot-images/')
    learnKeys()
    // BOS forgets its sessions after a week.
    lab.system.bos.sessions.clear()
    expect(await trueup('run', 'boot')).toMatchObject({ exit: 0, errors: [], changes: [] })
    expect(await Promise.all(both.map(bootOf))).toEqual(boots)
  })

  it('goes on where a run was killed in the middle of a boot', async () => {
    await raise()
    expect(await trueup('run', 'builder-image', [], [intel])).toMatchObject({ exit: 0 })
    const killed = new AbortController()
    const hear = (event: Event): void =>
      void (
        event.type === 'task-progress' &&
        event.text.startsWith('the session builder-') &&
        killed.abort()
      )
    const first = await runInLab({
      lab,
      folder,
      command: 'run',
      playbook: 'boot',
      flags: [...trusting, '--limit', intel],
      stop: killed.signal,
      hear,
    })
    expect(first.exit).not.toBe(0)
    expect(killed.signal.aborted).toBe(true)
    learnKeys()
    expect(await trueup('run', 'boot', [], [intel])).toMatchObject({ exit: 0, errors: [] })
    expect(lab.system.bos.sessions.size).toBe(1)
  })

  it('switches no node on which a job or a container runs', async () => {
    await raise()
    expect(await trueup('run', 'builder-image', [], [intel])).toMatchObject({ exit: 0 })
    await on(intel, 'mkdir /tmp/ims_46a2731e')
    expect(await trueup('run', 'boot', [], [intel])).toMatchObject({
      exit: 1,
      outcomes: { failed: ['no job of IMS runs on the node'] },
    })
    await on(
      intel,
      'rmdir /tmp/ims_46a2731e; for each in Basesystem Containers; do zypper -n addrepo https://packages.local/repository/SUSE-SLE-Module-$each-15-SP5-x86_64-Pool/ $each; done; zypper -n install podman; podman run -d --name ims-1 image',
    )
    expect(await trueup('run', 'boot', [], [intel])).toMatchObject({
      exit: 1,
      outcomes: { failed: ['no container runs on the node'] },
    })
    expect(lab.system.bos.sessions.size).toBe(0)
  })

  it('explains a session that acts on no node, before and after', async () => {
    await raise('1.7')
    expect(await trueup('run', 'builder-image', [], [intel])).toMatchObject({ exit: 0 })
    expect(await trueup('run', 'lock', [], [intel])).toMatchObject({ exit: 0 })
    const locked = await trueup('run', 'boot', [], [intel])
    expect(locked).toMatchObject({
      exit: 1,
      outcomes: { failed: [expect.stringContaining('the node is not locked in HSM')] },
    })
    expect(lab.system.bos.sessions.size).toBe(0)
    expect(await trueup('run', 'lock', ['-e', 'state=unlocked'], [intel])).toMatchObject({
      exit: 0,
    })
    lab.system.faults.push({ kind: 'bos-no-nodes' })
    const none = await trueup('run', 'boot', [], [intel])
    expect(none).toMatchObject({
      exit: 1,
      outcomes: { failed: ['the node is booted into the builder image'] },
    })
    expect(none.errors.join()).toContain('No nodes were found to act upon.')
  })

  it('finds out that a node came up in the wrong image', async () => {
    await raise()
    expect(await trueup('run', 'builder-image', [], [intel])).toMatchObject({ exit: 0 })
    const { records } = lab.system.bss
    const keep = records.set.bind(records)
    // Another user writes other boot parameters behind BOS's back.
    records.set = (name, record) =>
      keep(name, {
        ...record,
        kernel: 's3://boot-images/f6d9cfc7-9291-4c46-8350-c252b919d396/kernel',
      })
    const told = await trueup('run', 'boot', [], [intel])
    expect(told).toMatchObject({
      exit: 1,
      outcomes: { failed: ['the node is booted into the builder image'] },
    })
    expect(told.errors.join()).toMatch(/has failed: 100 % of its nodes failed/)
  })

  it('stops where PCS cannot tell whether the node has power', async () => {
    await raise()
    expect(await trueup('run', 'builder-image', [], [intel])).toMatchObject({ exit: 0 })
    await lab.fault({ on: 'node', node: intel, fault: { kind: 'no-bmc' } })
    lab.system.remoteBuildNodes.add(intel)
    const told = await trueup('run', 'boot', [], [intel])
    expect(told).toMatchObject({
      exit: 1,
      outcomes: { failed: [expect.stringContaining('PCS can tell whether the node has power')] },
    })
    expect(lab.system.bos.sessions.size).toBe(0)
    // It is as good a builder as before.
    expect([...lab.system.remoteBuildNodes]).toEqual([intel])
  })
})

describe.each(['1.5', '1.6'] as const)(
  'register.yaml, unregister.yaml and builders.yaml on CSM %s',
  (release) => {
    it('put a node on the list and take it off, and say what IMS can use', async () => {
      await raise(release)
      const csm = ['-e', `csm_version=${release}`]
      const early = await trueup('run', 'register', csm, [intel])
      expect(early).toMatchObject({
        exit: 1,
        changes: [],
        outcomes: {
          failed: ['IMS may sign in to the node as root; remote-build-node.yaml gives it its key'],
        },
      })
      expect(await trueup('run', 'remote-build-node', csm, [intel])).toMatchObject({ exit: 0 })
      const shown = await trueup('run', 'builders', csm)
      expect(shown).toMatchObject({ exit: 0, changes: [] })
      expect(shown.shown[intel]).toEqual(
        release === '1.5'
          ? [intel]
          : [
              intel,
              expect.stringContaining('able to run jobs; x86_64; SSH connection established.'),
            ],
      )
      expect(await trueup('run', 'unregister', [], [intel])).toMatchObject({
        exit: 0,
        changes: ['the node is not registered with IMS'],
      })
      expect((await trueup('run', 'builders', csm)).shown[intel]).toEqual(['none'])
      expect(await trueup('run', 'register', csm, [intel])).toMatchObject({
        exit: 0,
        changes: ['the node is registered with IMS'],
      })
      // IMS looks for Podman at one path only.
      await on(intel, 'mkdir -p /usr/local/bin; mv /usr/bin/podman /usr/local/bin/podman')
      const moved = await trueup('run', 'register', csm, [intel])
      expect(moved).toMatchObject({
        exit: 1,
        changes: [],
        outcomes: {
          failed: [
            release === '1.5' ? 'Podman is where IMS looks for it' : 'IMS can run jobs on the node',
          ],
        },
      })
    })

    it.runIf(release === '1.6')('wait for the jobs of a node that is taken off', async () => {
      await raise(release)
      await on(intel, 'mkdir /tmp/ims_46a2731e')
      const told = await trueup('run', 'unregister', ['-e', 'wait_for_jobs=true'], [intel])
      expect(told).toMatchObject({
        exit: 1,
        outcomes: { failed: ['the jobs on the node are done'] },
      })
    })
  },
)

/** A job of IMS that waits for whoever works on the image. */
function jobOn(name: string, node: object): Promise<Told> {
  const playbook = join(folder, 'job.yaml')
  const artifact =
    name === intel ? 'f6d9cfc7-9291-4c46-8350-c252b919d396' : '02c18757-b546-4a9f-9eae-891928bbbbb9'
  writeFileSync(
    playbook,
    `playbook: a job\nplays:\n  - play: a job is open\n    hosts: ${name}\n    tasks:\n      - ensure: IMS has a key\n        ims_public_key: { name: k, public_key: ssh-ed25519 AAAA }\n        register: key\n      - ensure: a job is open\n        ims_job: { job_type: customize, artifact_id: ${artifact}, image_root_archive_name: made, public_key_id: "{{ key.id }}", until: waiting_on_user, remote_build_node: ${JSON.stringify(node)} }\n`,
  )
  return runInLab({ lab, folder, command: 'run', playbook })
}

describe('troubleshoot.yaml and clean-orphans.yaml', () => {
  const orphan = '46a2731e-a1d0-4f98-ba92-4f78c756bb12'

  it('find nothing on a good node, and each thing that is wrong on a bad one', async () => {
    await raise()
    expect(await trueup('run', 'whole')).toMatchObject({ exit: 0 })
    expect(await trueup('run', 'troubleshoot', ['-e', 'room=1K'])).toMatchObject({
      exit: 0,
      errors: [],
      changes: [],
    })

    await on(
      intel,
      `mkdir /tmp/ims_${orphan}; podman run -d --name ims-${orphan} image; sed -i /nistp384/d /root/.ssh/authorized_keys`,
    )
    expect(await trueup('run', 'unregister', [], [intel])).toMatchObject({ exit: 0 })
    const told = await trueup('run', 'troubleshoot', ['-e', 'room=1K'])
    expect(told).toMatchObject({ exit: 1, changes: [] })
    expect(told.outcomes['failed']).toEqual([
      'IMS lists the node; else run register.yaml',
      'IMS may sign in to the node as root; else its key was rotated or the node rebooted, run after-reboot.yaml or remote-build-node.yaml',
      'no ended job has left a folder /tmp/ims_* behind; else run clean-orphans.yaml',
      'no ended job has left a container behind; else run clean-orphans.yaml',
      'nothing was found above',
    ])
  })

  it('tell of a job that IMS runs in Kubernetes without a word', async () => {
    await raise()
    const told = await jobOn(intel, { not: '' })
    expect(told).toMatchObject({ exit: 1, outcomes: { failed: ['a job is open'] } })
    expect(told.errors.join()).toContain('in Kubernetes and not on a remote build node')
    expect(await trueup('run', 'whole', [], [intel])).toMatchObject({ exit: 0 })
    const found = await trueup('run', 'troubleshoot', ['-e', 'room=1K'], [intel])
    expect(found.outcomes['failed']).toEqual([
      expect.stringContaining('IMS runs no job of this architecture in Kubernetes'),
      'nothing was found above',
    ])
  })

  it('remove orphans when a person agrees, and nothing that runs', async () => {
    await raise()
    expect(await trueup('run', 'whole', [], [intel])).toMatchObject({ exit: 0 })
    expect(await jobOn(intel, { not: '' })).toMatchObject({ exit: 0, errors: [] })
    const job = lab.system.jobs[0]!
    expect(job.remote_build_node).toBe(intel)
    await on(
      intel,
      `mkdir -p /tmp/ims_${orphan}/image /tmp/ims_other; podman run -d --name ims-${orphan} image`,
    )
    // What IMS did not say is no list of jobs: nothing is an orphan by it.
    await lab.fault({ on: 'gateway', fault: { kind: 'unavailable', path: '/apis/ims' } })
    const unanswered = await trueup('run', 'clean-orphans', ['--yes'], [intel])
    expect(unanswered).toMatchObject({ exit: 1, changes: [] })
    expect(unanswered.errors.join()).toContain('read/unanswered')
    await lab.fault({ on: 'nothing' })
    const unasked = await trueup('run', 'clean-orphans', [], [intel])
    expect(unasked).toMatchObject({ exit: 1, changes: [], shown: { [intel]: [orphan] } })
    expect(await trueup('run', 'clean-orphans', ['--yes'], [intel])).toMatchObject({
      exit: 0,
      errors: [],
      changes: [
        'the containers of the orphaned jobs are gone',
        'the folders of the orphaned jobs are gone',
      ],
    })
    expect(
      (await on(intel, 'ls -d /tmp/ims_*; podman ps --format {{.Names}}')).split('\n').sort(),
    ).toEqual(['', `/tmp/ims_${job.id}`, '/tmp/ims_other', `ims-${job.id}`].sort())
    expect(await trueup('run', 'clean-orphans', [], [intel])).toMatchObject({
      exit: 0,
      changes: [],
    })
    // The node reboots, and IMS waits for its job for ever.
    await lab.reboot(intel)
    const lost = await trueup('run', 'troubleshoot', ['-e', 'room=1K'], [intel])
    expect(lost).toMatchObject({ exit: 1, changes: [] })
    expect(lost.outcomes['failed']).toContain(
      'each job that IMS believes to run here has its folder; else delete the job with `cray ims jobs delete ID`, and its CFS session',
    )
  })
})
