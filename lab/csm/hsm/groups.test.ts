import { describe, expect, it } from 'vitest'
import { groupRoutes } from './group-routes.ts'
import type { Reply } from '../service-route.ts'
import { makeSystem } from '../make-system.ts'
import { type Component } from '../system-model.ts'

const node = { xname: 'x3000c0s19b1n0' } as Component
const system = makeSystem({ components: [] })
const withNode = { ...system, components: new Map([[node.xname, node]]) }

async function ask(
  method: string,
  path: string,
  body: unknown = null,
  query = '',
): Promise<{ status: number; json: unknown }> {
  const [, label, members] = /^\/groups\/([^/]+)(\/members)?$/.exec(path) ?? []
  const pattern = label === undefined ? path : `/groups/:label${members ?? ''}`
  const route = groupRoutes.find((each) => each.method === method && each.path === pattern)!
  const reply: Reply = await route.answer(
    {
      method,
      path,
      query: new URLSearchParams(query),
      params: label === undefined ? {} : { label },
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    },
    withNode,
  )
  return { status: reply.status, json: JSON.parse(reply.body) as unknown }
}

describe('groups of HSM in the lab', () => {
  it('are made, joined, listed and removed', async () => {
    expect(await ask('GET', '/groups')).toEqual({ status: 200, json: [] })
    expect(
      await ask('POST', '/groups', {
        label: 'Blue',
        description: 'blue ones',
        members: { ids: ['X3000c0s019b1n0'] },
      }),
    ).toEqual({ status: 201, json: [{ URI: '/hsm/v2/groups/blue' }] })
    expect(await ask('POST', '/groups', { label: 'red' })).toMatchObject({ status: 201 })
    expect(await ask('POST', '/groups/red/members', { id: 'x3000c0s19b1n0' })).toEqual({
      status: 201,
      json: [{ URI: '/hsm/v2/groups/red/members/x3000c0s19b1n0' }],
    })
    expect(await ask('GET', '/groups/blue')).toEqual({
      status: 200,
      json: { label: 'blue', description: 'blue ones', members: { ids: ['x3000c0s19b1n0'] } },
    })
    expect(await ask('GET', '/groups', null, 'group=red')).toMatchObject({
      json: [{ label: 'red', members: { ids: ['x3000c0s19b1n0'] } }],
    })
    expect(await ask('DELETE', '/groups/blue')).toMatchObject({ status: 200, json: { code: 0 } })
    expect(await ask('GET', '/groups')).toMatchObject({ json: [{ label: 'red' }] })
  })

  it.each<readonly [string, string, unknown, number]>([
    ['POST', '/groups', { label: 'red' }, 409],
    ['POST', '/groups', { label: 'no blanks' }, 400],
    ['POST', '/groups', null, 400],
    ['GET', '/groups/green', null, 404],
    ['DELETE', '/groups/green', null, 404],
    ['POST', '/groups/green/members', { id: 'x3000c0s19b1n0' }, 404],
    ['POST', '/groups/red/members', { id: 'x3000c0s99b1n0' }, 400],
    ['POST', '/groups/red/members', {}, 400],
  ])('refuse %s %s %j with %i', async (method, path, body, status) => {
    expect(await ask(method, path, body)).toMatchObject({
      status,
      json: { type: 'about:blank', status },
    })
  })

  it('have partitions beside them, by name', async () => {
    expect(
      await ask('POST', '/partitions', { name: 'p1', members: { ids: ['x3000c0s19b1n0'] } }),
    ).toMatchObject({ status: 201 })
    expect(await ask('GET', '/partitions')).toEqual({
      status: 200,
      json: [{ name: 'p1', members: { ids: ['x3000c0s19b1n0'] } }],
    })
  })
})
