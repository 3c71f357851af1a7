import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { labCommands } from '../../lab/commands/index.ts'
import { services } from '../../lab/csm/gateway.ts'
import { raiseLab, type Lab } from '../../lab/lab.ts'
import { transcripts } from '../transcripts/steps.ts'

// docs/conformance.md and the lab say the same: each route of the lab is a line of the page, each line a route, and each route answers
// as its line says.

const page = readFileSync(join(import.meta.dirname, '../../docs/conformance.md'), 'utf8')
const [routesText = '', commandsText = ''] = page.split('## Commands of the nodes')
const cells = (line: string): string[] =>
  line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim())
const told = routesText
  .split('\n')
  .filter((line) => /^\| `(?:GET|POST|PUT|PATCH|DELETE) /.test(line))
  .flatMap((line) => {
    const [route = '', answers = '', , , source = ''] = cells(line)
    return spellings(route.slice(1, -1)).map((each) => ({
      route: each,
      answers: answers.split(', ').map(Number),
      source: source.slice(1, -1),
    }))
  })
const real = services.flatMap((service) =>
  service.routes.map((route) => ({
    route: `${route.method} ${service.prefix}${route.path}`,
    source: route.source,
  })),
)

/** `a{b,c}` is `ab` and `ac`. */
function spellings(text: string): string[] {
  const [whole, before = '', choices = '', after = ''] = /^(.*?)\{([^}]*)\}(.*)$/.exec(text) ?? []
  return whole === undefined
    ? [text]
    : choices.split(',').flatMap((choice) => spellings(before + choice + after))
}

let folder = ''
let lab: Lab
let token = ''
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'conformance-'))
  lab = await raiseLab({ folder: join(folder, 'lab') })
  const secret = lab.system.cluster.objects.find((each) => each.name === 'admin-client-auth')!.data[
    'client-secret'
  ]
  token = (
    await send(
      'POST',
      '/keycloak/realms/shasta/protocol/openid-connect/token',
      `grant_type=client_credentials&client_id=admin-client&client_secret=${secret}`,
    )
  ).json.access_token
})
afterAll(async () => {
  await lab.close()
  rmSync(folder, { recursive: true, force: true })
})

function send(
  method: string,
  path: string,
  body = '',
): Promise<{ readonly status: number; readonly json: any }> {
  return new Promise((resolve, reject) => {
    const asking = request(
      {
        host: '127.0.0.1',
        port: lab.gateway.port,
        servername: 'api-gw-service-nmn.local',
        ca: lab.gateway.authority,
        agent: false,
        method,
        path,
        headers: { authorization: `Bearer ${token}` },
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (text += chunk))
        response.on('end', () =>
          resolve({
            status: response.statusCode!,
            json: response.headers['content-type']?.includes('json') ? JSON.parse(text) : text,
          }),
        )
      },
    )
    asking.on('error', reject)
    asking.end(body)
  })
}

describe('docs/conformance.md', () => {
  it('has a line for every route, and no other', () => {
    expect(told.map((each) => each.route).sort()).toEqual(real.map((each) => each.route).sort())
  })

  it('names the source that the route names', () => {
    const sources = new Map(told.map((each) => [each.route, each.source]))
    expect(real.filter((each) => sources.get(each.route) !== each.source)).toEqual([])
  })

  it.each(told.map((each) => [each.route, each] as const))(
    '%s answers as it says',
    async (_, { route, answers }) => {
      const [method = '', path = ''] = route.split(' ')
      // Something that is there, something that is not, and bodies that mean nothing.
      const names = [
        {
          xname: 'x3000c0s19b1n0',
          name: 'NMNLB',
          id: 'f6d9cfc7-9291-4c46-8350-c252b919d396',
          nid: '1',
          label: 'g',
        },
        {
          xname: 'x9c0s0b0n0',
          name: method === 'PUT' ? 'new' : 'never',
          id: 'none',
          nid: '9',
          label: 'none',
        },
      ]
      const bodies =
        method === 'GET' || method === 'DELETE'
          ? ['']
          : [
              '',
              '{',
              '{}',
              '[1]',
              '{"layers":[]}',
              '{"name":"n","label":"n"}',
              '{"operation":"undelete","ComponentIDs":["x3000c0s19b2n0"]}',
              '{"ComponentIDs":["x9c0s0b0n0"]}',
            ]
      const found = new Set<number>()
      for (const held of names)
        for (const body of bodies)
          found.add(
            (
              await send(
                method,
                path.replace(/:(\w+)/g, (_whole, key: keyof typeof held) => held[key]),
                body,
              )
            ).status,
          )
      expect([...found].filter((status) => !answers.includes(status))).toEqual([])
      if (path.includes(':') && method !== 'PUT' && answers.includes(404))
        expect(found).toContain(404)
      if (bodies.length > 1 && !path.includes(':') && answers.includes(400))
        expect(found).toContain(400)
    },
  )

  it('lists the commands that were not recorded, with what they were read in', () => {
    const recorded = new Set(
      Object.values(transcripts)
        .flat()
        .flatMap((step) => ('run' in step ? (step.run.match(/[\w.]+/g) ?? []) : [])),
    )
    const listed = commandsText
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .flatMap((line) => [...cells(line)[0]!.matchAll(/`([^`]+)`/g)].map((match) => match[1]!))
    expect(listed.sort()).toEqual(
      [...new Set(labCommands.flatMap((command) => command.names))]
        .filter((name) => !recorded.has(name))
        .sort(),
    )
  })
})
