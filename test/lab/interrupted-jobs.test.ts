import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { services } from '../../lab/csm/gateway.ts'
import type { Route } from '../../lab/csm/service-route.ts'
import { raiseLab, type Lab } from '../../lab/lab.ts'
import { runInLab, type Told } from '../harness/run-in-lab.ts'
import { time } from '../harness/skipped-time.ts'

// Jobs of services that are made once: a run that is killed between its request and the answer must not lead to a second one.

vi.mock('../../runner/wiring/clock.ts', () => import('../harness/skipped-time.ts'))

const node = 'x3000c0s19b1n0'
const base = 'f6d9cfc7-9291-4c46-8350-c252b919d396'
let folder = ''
let lab: Lab
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'interrupted-jobs-'))
})
beforeEach(async () => {
  lab = await raiseLab({
    folder: mkdtempSync(join(folder, 'lab-')),
    now: () => Date.now() + time.skipped,
  })
  // The base image has what tells BOS which image a node runs.
  lab.system.contents.set(base, { packages: ['bos-reporter'], rootKeys: [], servicePack: 5 })
})
afterEach(() => lab.close())
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const configuration = `
      - ensure: the configuration is there
        cfs_configuration: { name: c, layers: [{ name: c, clone_url: "https://api-gw-service-nmn.local/vcs/cray/csm-config-management.git", commit: ${'c'.repeat(40)}, playbook: ims_computes.yml }] }`
const template = `
      - ensure: the template is there
        bos_session_template: { name: t, boot_sets: { compute: { path: "s3://boot-images/${base}/manifest.json", type: s3, etag: e93dacac642f1e3bffe3be275a090049, arch: X86, node_roles_groups: [Compute] } } }`
const key = `
      - ensure: IMS has a key
        ims_public_key: { name: k, public_key: ssh-ed25519 AAAA }
        register: key`

interface Job {
  readonly type: string
  readonly before: string
  readonly task: string
  readonly route: readonly [service: string, path: string]
  readonly made: () => number
}
const jobs: readonly Job[] = [
  {
    type: 'cfs_session',
    before: configuration,
    route: ['cfs', '/v3/sessions'],
    made: () => lab.system.cfs.sessions.size,
    task: `{ name: s, configuration_name: c, target: { definition: image, groups: [{ name: Application, members: [${base}] }], image_map: [{ source_id: ${base}, result_name: made }] } }`,
  },
  {
    type: 'bos_session',
    before: template,
    route: ['bos', '/v2/sessions'],
    made: () => lab.system.bos.sessions.size,
    task: `{ name: s, template_name: t, limit: ${node} }`,
  },
  {
    type: 'power',
    before: '',
    route: ['pcs', '/transitions'],
    made: () => lab.system.transitions.size,
    task: `{ xname: ${node}, state: "off" }`,
  },
  {
    type: 'ims_job',
    before: key,
    route: ['ims', '/v3/jobs'],
    made: () => lab.system.jobs.length,
    task: '{ job_type: create, artifact_id: RECIPE, image_root_archive_name: made, public_key_id: "{{ key.id }}" }',
  },
]

describe.each(jobs)('$type', ({ type, before, task, route: [service, path], made }) => {
  it('is not begun again by the run after one that was killed behind its request', async () => {
    const playbook = join(folder, `${type}.yaml`)
    const text = `playbook: p\nplays:\n  - play: p\n    hosts: ${node}\n    tasks:${before}\n      - ensure: the job is done\n        ${type}: ${task.replace('RECIPE', lab.system.recipes[0]!.id)}\n`
    writeFileSync(playbook, text)
    const killed = new AbortController()
    const route = services
      .find((each) => each.name === service)!
      .routes.find((each) => each.method === 'POST' && each.path === path)! as {
      answer: Route['answer']
    }
    const real = route.answer
    route.answer = async (asked, system) => {
      const reply = await real(asked, system)
      killed.abort()
      return reply
    }
    try {
      const first = await run(playbook, killed.signal)
      expect({ ...first, made: made() }).toMatchObject({ made: 1 })
      expect(first.exit).not.toBe(0)
      const second = await run(playbook)
      expect(second).toMatchObject({ exit: 0, errors: [] })
      expect(made()).toBe(1)
      expect((await run(playbook)).changes).toEqual([])
    } finally {
      route.answer = real
    }
  })
})

function run(playbook: string, stop?: AbortSignal): Promise<Told> {
  return runInLab({ lab, folder, command: 'run', playbook, ...(stop ? { stop } : {}) })
}
