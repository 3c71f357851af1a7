import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { makeCeph } from '../../lab/ceph/ceph-cluster.ts'
import { bench, closeBench } from '../../lab/node/node-bench.fixture.ts'
import type { RepositoryContent, RepositoryPackage } from '../../lab/node/node-model.ts'
import {
  settled,
  settledStorage,
  storageSteps,
  transcripts,
  type Recorded,
} from '../transcripts/steps.ts'

// The simulated commands of the rehearsal lab answer what the real ones were recorded to answer; what differs is named in the
// transcript, with its reason, and a difference that is gone may not stay there.

const folder = join(import.meta.dirname, '../transcripts')
const of = (name: string, more: Partial<RepositoryPackage> = {}): RepositoryPackage => ({
  name,
  version: '1.0-1',
  arch: 'noarch',
  files: [`/usr/bin/${name}`],
  ...more,
})

/** The repositories that real nodes were recorded with. */
function repository(url: string): RepositoryContent {
  if (url.includes(':81/')) return { state: 'dead' }
  if (url.endsWith('-Pool'))
    return {
      state: 'served',
      signature: 'trusted',
      packages: [of('tool'), of('conmon', { version: '2.1.5-1' })],
    }
  if (url.endsWith('/unsigned'))
    return { state: 'served', signature: 'none', packages: [of('tool')] }
  if (url.endsWith('/foreign'))
    return { state: 'served', signature: 'untrusted', packages: [of('tool')] }
  if (url.endsWith('/odd'))
    return {
      state: 'served',
      signature: 'trusted',
      packages: [
        of('late', { broken: 'post' }),
        of('early', { broken: 'pre' }),
        of('needy', { requires: ['nothing-has-it'] }),
        of('gone', { broken: 'download' }),
        of('rival', { files: ['/usr/bin/tool'] }),
      ],
    }
  return { state: 'missing' }
}

/** The accounts of real nodes. */
const users = [
  { name: 'admin', password: 'rehearsal', sudo: 'password' },
  { name: 'ops', password: 'rehearsal', sudo: 'nopasswd' },
  { name: 'guest', password: 'rehearsal', sudo: 'none' },
] as const

async function replayed(name: string): Promise<Recorded[]> {
  const at = Object.keys(transcripts).indexOf(name)
  const node = await bench({ name: `x3000c0s51b${at}n0`, users }, { repository })
  const all: Recorded[] = []
  for (const step of transcripts[name]!) {
    if ('lock' in step) {
      node.fault(step.lock === 'held' ? { kind: 'zypper-lock' } : null)
      continue
    }
    const { stdout, stderr, exitCode } = await node.run(step.run, {
      user: step.user ?? 'root',
      stdin: step.stdin ?? '',
    })
    all.push({ ...step, exit: exitCode, stdout: settled(stdout), stderr: settled(stderr) })
  }
  return all
}

async function replayedStorage(): Promise<Recorded[]> {
  const world = {
    ceph: makeCeph(Date.now),
    address: (name: string): string => (name === 'ncn-m001' ? '10.92.100.81' : '10.92.100.82'),
  }
  const on = {
    master: await bench({ name: 'ncn-m001', role: 'management' }, world),
    node: await bench({ name: 'x3000c0s19b1n0', imagePackages: ['ceph-common'] }, world),
  }
  for (const [file, command] of [
    ['ceph.conf', 'cat /etc/ceph/ceph.conf'],
    ['ceph.client.kube.keyring', 'ceph auth export client.kube'],
  ] as const) {
    await on.node.run(`mkdir -p /etc/ceph; cat > /etc/ceph/${file}`, {
      user: 'root',
      stdin: (await on.master.run(command, { user: 'root' })).stdout,
    })
  }
  const all: Recorded[] = []
  for (const step of storageSteps) {
    const { stdout, stderr, exitCode } = await on[step.on].run(step.run, { user: 'root' })
    all.push({
      ...step,
      exit: exitCode,
      stdout: settledStorage(stdout),
      stderr: settledStorage(stderr),
    })
  }
  return all
}

afterAll(closeBench)
const names = [...Object.keys(transcripts), 'storage']

describe('the simulated commands', () => {
  it('have a transcript each that is replayed', () => {
    expect(
      readdirSync(folder)
        .filter((each) => each.endsWith('.yaml'))
        .sort(),
    ).toEqual(names.map((each) => `${each}.yaml`).sort())
  })

  it.each(names)('%s: answer as the real ones', async (name) => {
    const recorded = parse(readFileSync(join(folder, `${name}.yaml`), 'utf8')) as Recorded[]
    const found = name === 'storage' ? await replayedStorage() : await replayed(name)
    const differences = recorded.flatMap((real, i): string[] => {
      const simulated = found[i]
      if (simulated?.run !== real.run)
        return [`${real.run}: recorded, but not among the steps any more; record again`]
      const told = (['exit', 'stdout', 'stderr'] as const).flatMap((part) => {
        const isSame = simulated[part] === real[part]
        const isNamed = real.differs?.[part] !== undefined
        if (isSame && isNamed)
          return [`${part} does not differ any more: take it out of \`differs\``]
        return isSame || isNamed
          ? []
          : [
              `${part} is ${JSON.stringify(simulated[part])}, recorded was ${JSON.stringify(real[part])}`,
            ]
      })
      return told.map(
        (each) => `${real.run}${real.user === undefined ? '' : ` (as ${real.user})`}: ${each}`,
      )
    })
    expect(differences).toEqual([])
    expect(found).toHaveLength(recorded.length)
  })
})
