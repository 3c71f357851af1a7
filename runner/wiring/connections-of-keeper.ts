import { jsonText } from '../text/json-text.ts'
import { keeperFolder } from '../connect/keeper/keeper-card.ts'
import type { KeeperClientOptions } from '../connect/keeper/keeper-client.ts'
import { greetPresent } from '../connect/keeper/find-keeper.ts'
import { serveKeeper } from '../connect/keeper/keeper-server.ts'
import { countOf } from '../text/count.ts'
import { durationText } from '../text/duration.ts'
import { columns } from '../report/text-table.ts'
import { cleanLine } from '../report/screen-text.ts'
import type { Io } from './io.ts'
import { buildOf } from './kept-connections.ts'

/** The options of `connections`. */
export interface ConnectionsFlags {
  readonly close?: boolean
  readonly json?: boolean
}

/** `trueup connections`: what is kept from run to run, and its end. */
export async function connectionsCommand(io: Io, flags: ConnectionsFlags): Promise<number> {
  const keeper = await greetPresent(keeperFolder(io.env), asLooker(io))
  const kept = (await keeper?.list()) ?? []
  if (flags.close) {
    await keeper?.dismiss()
    io.stdout.write(`${countOf(kept.length, 'connection')} closed\n`)
    return 0
  }
  keeper?.close()
  if (flags.json) io.stdout.write(`${jsonText(kept)}\n`)
  else if (kept.length === 0) io.stdout.write('no connection is kept\n')
  else
    io.stdout.write(
      columns(
        ['host', 'to', 'idle', 'closes in'],
        kept.map(({ name, to, users, idle, left }) => [
          cleanLine(name),
          cleanLine(to),
          users > 0 ? 'in use' : durationText(Math.round(idle)),
          users > 0 ? '' : durationText(Math.round(left)),
        ]),
      ),
    )
  return 0
}

/** The process that keeps connections; it says one word when it listens. */
export async function keepConnections(io: Io, folder: string): Promise<number> {
  // The folder of the run that started it may be wanted for something else.
  process.chdir('/')
  await serveKeeper({
    folder,
    build: buildOf(io.program ?? ['']),
    listening: () => void io.stdout.write('listening\n'),
  })
  return 0
}

/** One who only looks: it opens nothing. */
function asLooker(io: Io): KeeperClientOptions {
  return {
    build: buildOf(io.program ?? ['']),
    keep: 0,
    warn: () => undefined,
  }
}
