import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { makeKey } from '../../runner/connect/ssh/sshd.fixture.ts'
import type { Farm } from './farm.ts'

/** How many hosts of a troubled farm are bad: the last ones. */
export const badHosts = 4
/** The slow host holds back each piece that it says by this many milliseconds. */
const slowness = 3000
/** The silent host forwards so many bytes, which is past its login, and nothing more. */
const untilSilent = 6000

/** The same farm, whose last four hosts hang in the login, fall silent, are slow and show another key than the known one. */
export async function makeTrouble(
  farm: Farm,
): Promise<{ readonly farm: Farm; close(): Promise<void> }> {
  const good = farm.hosts.slice(0, -badHosts)
  const [hung, silent, slow, wrong] = farm.hosts.slice(-badHosts)
  const open = new Set<Socket>()
  const servers: Server[] = []
  const listen = async (answer: (client: Socket) => void): Promise<number> => {
    const server = createServer((client) => {
      open.add(client)
      client.on('error', () => undefined)
      answer(client)
    }).listen(0, '127.0.0.1')
    servers.push(server)
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  const relay =
    (port: number, carry: (bytes: Buffer, to: Socket) => void) =>
    (client: Socket): void => {
      const host = connect(port, '127.0.0.1')
      open.add(host)
      host.on('error', () => undefined)
      host.on('close', () => client.destroy())
      client.on('close', () => host.destroy())
      client.on('data', (bytes: Buffer) => carry(bytes, host))
      host.on('data', (bytes: Buffer) => carry(bytes, client))
    }
  let forwarded = 0
  const ports = [
    await listen(() => undefined),
    await listen(
      relay(silent!.port, (bytes, to) => {
        forwarded += bytes.length
        if (forwarded < untilSilent) to.write(bytes)
      }),
    ),
    await listen(
      relay(slow!.port, (bytes, to) => void setTimeout(() => to.write(bytes), slowness)),
    ),
    wrong!.port,
  ]
  return {
    farm: {
      ...farm,
      hosts: [
        ...good,
        ...[hung, silent, slow].map((host, i) => ({ ...host!, port: ports[i]! })),
        { port: wrong!.port, hostKey: makeKey().public },
      ],
    },
    async close() {
      for (const socket of open) socket.destroy()
      await Promise.all(servers.map((server) => once(server.close(), 'close')))
    },
  }
}

/** Two plays with a change and a reading each. */
export function twoPlays(at: (path: string) => string, goesOn: boolean): string {
  const play = (name: string, more: string): string => `  - play: ${name}
    hosts: all
${more}    tasks:
      - ensure: its folder ${name}
        file: { path: "${at(`-${name}`)}", state: directory }
      - require: it is there ${name}
        file: { path: "${at(`-${name}`)}", state: directory }
`
  return `playbook: Two plays\nplays:\n${play('first', goesOn ? '    meet_at_end: false\n' : '')}${play('second', '')}`
}

interface OutcomeLine {
  readonly type: string
  readonly host: string
  readonly play: number
  readonly at: number
}

/** When the first, the middle and the last good host were done, in seconds; with bad hosts also how many only after one of these was done with the first play. */
export function waitsIn(
  output: string,
  last: readonly string[],
  isTroubled: boolean,
): Readonly<Record<string, unknown>> {
  const events = output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as OutcomeLine)
  const began = events[0]!.at
  const ends = new Map<string, number>()
  for (const { type, play, host, at } of events)
    if (type === 'outcome') ends.set(`${play} ${host}`, (at - began) / 1000)
  // A wrong key is told at once, and no host can be done before it.
  const firstBad = Math.min(...last.slice(0, 3).map((host) => ends.get(`0 ${host}`) ?? 0))
  const of = (play: number): readonly number[] =>
    [...ends]
      .filter(([key]) => key.startsWith(`${play} `) && !last.includes(key.split(' ')[1]!))
      .map(([, seconds]) => seconds)
      .sort((a, b) => a - b)
  return Object.fromEntries(
    [0, 1].flatMap((play) => {
      const done = of(play)
      return [
        [`play ${play + 1} done`, [done[0], done[Math.floor(done.length / 2)], done.at(-1)]],
        ...(isTroubled
          ? [[`play ${play + 1} behind a bad host`, done.filter((each) => each > firstBad).length]]
          : []),
      ]
    }),
  )
}
