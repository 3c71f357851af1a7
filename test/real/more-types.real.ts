import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { playbook, desk, type Desk } from './desk.ts'
import { startNode, stopNodes, type RealNode } from './nodes.ts'

// Types for everyday work: false, planned, made true, left alone, undone, left alone.

const there = playbook(`
- ensure: a block in a file
  blockinfile: { path: /etc/site, create: true, marker: '# {mark} site', block: "one\\ntwo\\n" }
- require: nothing of a job lies about
  directory_empty: { path: /tmp, only: ims_* }
- require: sshd listens
  port: { port: 22 }
- read: the running boot
  boot_id: {}
  register: boot
- require: it is told
  that: boot.id != ""
- read: the key of sshd
  secret_file: { path: /etc/ssh/ssh_host_ed25519_key }
  register: key
- require: it is one, and no word of it is told
  that: key.exists && key.content.contains("PRIVATE KEY")
- ensure: the authority of the site
  download: { url: 'http://packages.local/ca.crt', dest: /srv/ca.crt, mode: '0640' }
- ensure: the tools are unpacked
  unpack: { src: /srv/tools.tar.gz, dest: /opt/tools, creates: /opt/tools/MANIFEST }
- ensure: a nightly job
  cron: { name: clean up, cron_file: clean-up, minute: '15', hour: '3', job: find /srv }
- ensure: the release is here
  fetch: { src: /etc/os-release, dest: fetched, name: release }
`)
const gone = playbook(`
- ensure: no block in a file
  blockinfile: { path: /etc/site, marker: '# {mark} site', state: absent }
- ensure: no nightly job
  cron: { name: clean up, cron_file: clean-up, state: absent }
`)
const made = [
  'a block in a file',
  'the authority of the site',
  'the tools are unpacked',
  'a nightly job',
  'the release is here',
]

let node: RealNode
let one: Desk
beforeAll(async () => {
  node = await startNode({
    name: 'x3000c0s71b1n0',
    at: 71,
    setup:
      'mkdir -p /opt/tools /etc/cron.d /srv/t; echo tools >/srv/t/MANIFEST; tar -C /srv/t -czf /srv/tools.tar.gz MANIFEST',
  })
  one = desk([node])
})
afterAll(stopNodes)

describe('types of everyday work on a real node', () => {
  it('plan what they then do, and do it once', async () => {
    const plan = await one.trueup('plan', there)
    expect([plan.exit, plan.of('would change')], plan.words).toEqual([2, made])
    const first = await one.trueup('run', there)
    expect([first.exit, first.of('changed')], first.words).toEqual([0, made])
    const again = await one.trueup('run', there)
    expect([again.exit, again.of('changed')], again.words).toEqual([0, []])
    const told = node.sh(
      'cat /etc/site /opt/tools/MANIFEST /etc/cron.d/clean-up; stat -c %a /srv/ca.crt; head -1 /srv/ca.crt',
    )
    for (const words of [
      '# BEGIN site\none\ntwo\n# END site\n',
      'tools\n',
      '15 3 * * * root find /srv\n',
      '640\n-----BEGIN CERTIFICATE-----\n',
    ])
      expect(told.stdout).toContain(words)
    expect(existsSync(join(one.folder, 'fetched'))).toBe(true)
  })

  it('mend what drifts, and undo it once', async () => {
    node.sh('sed -i s/two/three/ /etc/site; chmod 0600 /srv/ca.crt; rm /etc/cron.d/clean-up')
    const mended = await one.trueup('run', there)
    expect([mended.exit, mended.of('changed')], mended.words).toEqual([
      0,
      ['a block in a file', 'the authority of the site', 'a nightly job'],
    ])
    const plan = await one.trueup('plan', gone)
    expect([plan.exit, plan.of('would change')], plan.words).toEqual([
      2,
      ['no block in a file', 'no nightly job'],
    ])
    const undone = await one.trueup('run', gone)
    expect([undone.exit, undone.of('changed')], undone.words).toEqual([
      0,
      ['no block in a file', 'no nightly job'],
    ])
    expect((await one.trueup('run', gone)).of('changed')).toEqual([])
  })
})
