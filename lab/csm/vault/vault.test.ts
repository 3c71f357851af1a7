import { describe, expect, it } from 'vitest'
import { textOf } from '../../kubernetes/kubernetes-cluster.ts'
import { makeSystem } from '../make-system.ts'
import { matchPath } from '../service-route.ts'
import { vault } from './index.ts'

function bench() {
  const system = makeSystem({ now: () => Date.parse('2026-01-01T00:00:00Z') })
  const root = textOf(system.cluster, 'Secret', 'vault', 'cray-vault-unseal-keys', 'vault-root')
  return async (
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = { 'x-vault-token': root },
  ) => {
    const url = new URL(path, 'https://vault')
    for (const route of vault.routes) {
      const params = route.method === method ? matchPath(route.path, url.pathname) : null
      if (!params) continue
      const reply = await route.answer(
        {
          method,
          path: url.pathname,
          query: url.searchParams,
          params,
          headers,
          body: body === undefined ? '' : JSON.stringify(body),
        },
        system,
      )
      return {
        status: reply.status,
        json: reply.contentType?.includes('json') ? JSON.parse(reply.body) : undefined,
        text: reply.body,
      }
    }
    throw new Error('no route')
  }
}

describe('Vault', () => {
  it('lets in its root token, as either header, and no other', async () => {
    const ask = bench()
    expect(await ask('GET', '/secret/csm/users/root')).toMatchObject({
      status: 200,
      json: { data: { password: expect.any(String) } },
    })
    expect(await ask('GET', '/secret/csm/users/root', undefined, {})).toMatchObject({
      status: 403,
      json: { errors: ['permission denied'] },
    })
    expect(
      (await ask('GET', '/secret/x', undefined, { authorization: 'Bearer other' })).status,
    ).toBe(403)
    expect((await ask('GET', '/sys/health', undefined, {})).json).toMatchObject({ sealed: false })
  })

  it('keeps the newest value in an engine without versions', async () => {
    const ask = bench()
    expect((await ask('GET', '/sys/internal/ui/mounts/secret')).json.data).toMatchObject({
      type: 'kv',
      options: { version: '1' },
    })
    expect((await ask('POST', '/secret/a/b', { x: '1' })).status).toBe(204)
    await ask('PUT', '/secret/a/b', { y: '2' })
    expect((await ask('GET', '/secret/a/b')).json.data).toEqual({ y: '2' })
    expect((await ask('LIST', '/secret/a')).json.data).toEqual({ keys: ['b'] })
    expect(await ask('POST', '/secret/a/b', {})).toMatchObject({
      status: 400,
      json: { errors: ['missing data fields'] },
    })
    await ask('DELETE', '/secret/a/b')
    expect(await ask('GET', '/secret/a/b')).toMatchObject({ status: 404, json: { errors: [] } })
  })

  it('keeps versions in the other, with check-and-set and deletion', async () => {
    const ask = bench()
    await ask('POST', '/sys/mounts/kv', { type: 'kv', options: { version: '2' } })
    const write = (value: string, cas: number) =>
      ask('POST', '/kv/data/a', { data: { x: value }, options: { cas } })
    expect((await write('1', 0)).json.data).toMatchObject({ version: 1 })
    expect(await write('2', 0)).toMatchObject({
      status: 400,
      json: { errors: ['check-and-set parameter did not match the current version'] },
    })
    await ask('PATCH', '/kv/data/a', { data: { y: '2' } })
    expect((await ask('GET', '/kv/data/a')).json.data).toMatchObject({
      data: { x: '1', y: '2' },
      metadata: { version: 2, deletion_time: '' },
    })
    expect((await ask('GET', '/kv/data/a?version=1')).json.data.data).toEqual({ x: '1' })
    await ask('DELETE', '/kv/data/a')
    expect(await ask('GET', '/kv/data/a')).toMatchObject({
      status: 404,
      json: { data: { data: null, metadata: { version: 2 } } },
    })
    expect((await ask('GET', '/kv/metadata/a')).json.data).toMatchObject({ current_version: 2 })
    await ask('DELETE', '/kv/metadata/a')
    expect((await ask('GET', '/kv/metadata/a')).status).toBe(404)
  })

  it('refuses what is not there, and what the lab does not play', async () => {
    const ask = bench()
    expect((await ask('GET', '/sys/internal/ui/mounts/no')).status).toBe(403)
    expect((await ask('GET', '/no/a')).status).toBe(404)
    expect((await ask('POST', '/sys/mounts/pki', { type: 'pki' })).text).toMatch(
      /^The rehearsal lab does not play/,
    )
  })
})
