import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { book, type Told } from './books.ts'
import { stopNodes } from './nodes.ts'
import { startSite, type Site } from './site.ts'
import { stopUml } from './uml.ts'

// The books about storage against a real Ceph 16 and nodes whose kernels have rbd. Each test goes on where the last one ended.

let site: Site
beforeAll(async () => {
  site = await startSite({ at: 81, names: ['x3000c0s19b1n0', 'x3000c0s19b2n0'] })
})
afterAll(async () => {
  await stopUml()
  await site.gateway.close()
  await stopNodes()
})

const at = (name: string): string => fileURLToPath(new URL(`../../playbooks/${name}`, import.meta.url))
const storage = (...flags: string[]): Promise<Told> => site.desk.trueup('run', at('storage.yaml'), '-e', 'image_size=2G', '-e', 'repository_base=http://packages.local/storage', ...flags)
const image = (i: number): string => `kube/buildcache-${site.nodes[i]!.name}`

describe('storage', () => {
  it('is made on new nodes', async () => {
    const told = await storage()
    expect(told.exit, told.words).toBe(0)
  })
})
