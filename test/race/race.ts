import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execFileSync } from 'node:child_process'
import { openSession } from '../../runner/connect/batch/script-session.ts'
import { localTransport } from '../../runner/connect/local.ts'
import { Unreachable, type Answer, type Exchange } from '../../runner/model/session.ts'
import { acts, type Act, type Ground } from './acts.ts'

/** How many rounds of one act were played, how often root got it done, and what the attacker won. */
export interface Score {
  readonly name: string
  readonly rounds: number
  readonly done: number
  readonly wins: readonly string[]
  readonly isControl: boolean
}

/** The user who attacks: an ordinary one, with no rights. */
const attacker = { name: 'nobody', uid: 65_534, gid: 65_534 }
const secret = 'precious'
const mine = 'mine'
/** Rounds that one attacker plays; then the ground is laid out afresh. */
const perGround = 25

/** What must be there before a race can be run, or null. */
export function missing(): string | null {
  if (process.platform !== 'linux') return `it needs Linux, and this is ${process.platform}`
  if (process.getuid!() !== 0) return `it needs root, and this is user ${process.getuid!()}`
  return null
}

/** Plays so many rounds of every act, and tells of each when it is over. */
export async function race(rounds: number, told: (score: Score) => void, only = ''): Promise<void> {
  const session = openSession(localTransport(), null)
  for (const act of acts.filter(({ name }) => name.includes(only))) {
    const wins: string[] = []
    let done = 0
    let played = 0
    // A control is over when it has lost; that may take many rounds, for now the attacker often waits.
    const most = act.isControl ? Math.max(rounds, 1000) : rounds
    while (played < most && !(act.isControl && wins.length > 0)) {
      const now = Math.min(perGround, most - played)
      const result = await onFreshGround(session, act, now)
      played += now
      done += result.done
      wins.push(...result.wins)
    }
    told({ name: act.name, rounds: played, done, wins, isControl: act.isControl ?? false })
  }
}

async function onFreshGround(
  session: ReturnType<typeof openSession>,
  act: Act,
  rounds: number,
): Promise<{ readonly done: number; readonly wins: readonly string[] }> {
  const dir = mkdtempSync(join(tmpdir(), 'trueup-race-'))
  const { home, rootdir, ground } = layOut(dir)
  const before = snapshot(rootdir)
  const script = join(dir, 'attacker.mjs')
  writeFileSync(script, readFileSync(new URL('attacker.mjs', import.meta.url)), { mode: 0o644 })
  const { uid, gid } = attacker
  const process_ = spawn(process.execPath, [script, home, rootdir, `${dir}/archives`, act.bait], {
    uid,
    gid,
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let complaint = ''
  process_.stderr.setEncoding('utf8').on('data', (chunk: string) => (complaint += chunk))
  const ended = new Promise<void>((resolve) => process_.once('close', () => resolve()))
  const begun = new Promise<void>((resolve) => process_.stdout.once('data', () => resolve()))
  await Promise.race([begun, ended])
  const wins: string[] = []
  let done = 0
  try {
    for (let round = 0; round < rounds; round++) {
      const path = round % 2 === 0 ? `${home}/d/x` : `${home}/${round % 4 === 1 ? 'x' : 'd'}`
      const seen =
        act.probes === undefined
          ? []
          : (await exchanged(session, { probes: act.probes(path) })).readings
      // Where a task read that very folder under its name it was meant; then it is root's no more.
      const kept = rootsInode(`${home}/keep`)
      const actions = act.actions?.(path, ground, seen, round) ?? []
      const answer = await exchanged(session, { apply: { guards: [], actions }, probes: [] })
      const texts = [...seen, ...answer.actions].map((each) => JSON.stringify(each))
      if (
        act.actions === undefined
          ? texts.some((each) => each.includes(mine) || each.includes(hashOf(mine)))
          : answer.actions.length > 0 && answer.actions.every(({ ok }) => ok)
      )
        done += 1
      if (texts.some((each) => each.includes(secret) || each.includes(hashOf(secret))))
        wins.push('what root keeps was brought here')
      if (textOf(`${ground.local}/fetched/it`) === secret) wins.push('what root keeps was fetched')
      const planted = snapshot(`${ground.local}/unpacked`)
      if (/evil/.test(planted) || planted.includes(hashOf('evil')))
        wins.push('another archive was unpacked than the one that was read')
      if (kept !== null && act.name.startsWith('owner') && !isOwned(home, seen[0], kept))
        wins.push('a folder of root was given away that was not the one that was read')
    }
  } finally {
    process_.kill('SIGKILL')
    await ended
  }
  if (complaint !== '') throw new Error(`the attacker failed: ${complaint}`)
  const after = snapshot(rootdir)
  if (after !== before) wins.push(difference(before, after))
  rmSync(dir, { recursive: true, force: true })
  return { done, wins }
}

/** On a machine that is busy a shell may come too late: nothing was begun then, and it is asked once more. */
async function exchanged(
  session: ReturnType<typeof openSession>,
  exchange: Exchange,
  tries = 5,
): Promise<Answer> {
  try {
    return await session.exchange(exchange)
  } catch (error) {
    if (!(error instanceof Unreachable) || error.midway || tries === 0) throw error
    return exchanged(session, exchange, tries - 1)
  }
}

/** The attacker's home, where root keeps a closed folder too; and a folder of root, which the attacker wants to change. */
function layOut(dir: string): {
  readonly home: string
  readonly rootdir: string
  readonly ground: Ground
} {
  chmodSync(dir, 0o755)
  const [home, rootdir, local] = ['home', 'rootdir', 'local'].map((name) => join(dir, name)) as [
    string,
    string,
    string,
  ]
  mkdirSync(`${rootdir}/etc/full/deep`, { recursive: true })
  for (const name of ['passwd', 'x', 'full/x', 'full/passwd'])
    writeFileSync(`${rootdir}/etc/${name}`, secret, { mode: 0o600 })
  mkdirSync(home)
  mkdirSync(`${home}/keep`, { mode: 0o700 })
  writeFileSync(`${home}/keep/secret`, secret, { mode: 0o600 })
  chownSync(home, attacker.uid, attacker.gid)
  mkdirSync(`${local}/tree/full`, { recursive: true, mode: 0o700 })
  mkdirSync(`${local}/unpacked`)
  const bytes = randomBytes(200_000)
  writeFileSync(`${local}/large`, bytes)
  for (const name of ['passwd', 'full/planted']) writeFileSync(`${local}/tree/${name}`, 'planted')
  mkdirSync(`${dir}/archives`)
  const good = pack(`${dir}/archives/good.tar`, `${local}/tree`)
  writeFileSync(`${local}/tree/passwd`, 'evil')
  writeFileSync(`${local}/tree/full/evil`, 'evil')
  pack(`${dir}/archives/evil.tar`, `${local}/tree`)
  return {
    home,
    rootdir,
    ground: {
      local,
      attacker: attacker.name,
      large: { path: `${local}/large`, size: bytes.length, sha256: hashOf(bytes) },
      archive: { path: good, sha256: hashOf(readFileSync(good)) },
      contents: [mine, secret].map((text) => ({ size: text.length, sha256: hashOf(text) })),
    },
  }
}

function pack(archive: string, tree: string): string {
  execFileSync('tar', ['-cf', archive, '-C', tree, 'passwd', 'full'])
  return archive
}

function textOf(path: string): string | null {
  return existsSync(path) ? readFileSync(path, 'utf8') : null
}

function hashOf(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

function rootsInode(path: string): string | null {
  const found = lstatSync(path, { throwIfNoEntry: false })
  return found?.uid === 0 ? `${found.dev}:${found.ino}` : null
}

/** Whether root's closed folder is still root's, wherever it stands; where a task read that very folder, it was meant. */
function isOwned(home: string, seen: unknown, kept: string): boolean {
  const read = seen as { readonly device?: number; readonly inode?: number } | undefined
  if (read?.inode !== undefined && `${read.device}:${read.inode}` === kept) return true
  return ['keep', 'd', 'x']
    .map((name) => lstatSync(`${home}/${name}`, { throwIfNoEntry: false }))
    .every((found) => !found || `${found.dev}:${found.ino}` !== kept || found.uid === 0)
}

/** All that root's folder holds, with owners and modes. */
function snapshot(path: string): string {
  const found = lstatSync(path)
  const words = `${path} ${found.mode.toString(8)} ${found.uid}:${found.gid}`
  if (found.isSymbolicLink()) return `${words} -> ${readlinkSync(path)}`
  if (!found.isDirectory()) return `${words} ${hashOf(readFileSync(path))}`
  return [
    words,
    ...readdirSync(path)
      .sort()
      .map((name) => snapshot(join(path, name))),
  ].join('\n')
}

function difference(before: string, after: string): string {
  const had = new Set(before.split('\n'))
  const has = new Set(after.split('\n'))
  return [
    ...[...had].filter((line) => !has.has(line)).map((line) => `gone: ${line}`),
    ...[...has].filter((line) => !had.has(line)).map((line) => `new: ${line}`),
  ].join('; ')
}
