import type { Playbook } from '../model/playbook.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { foldNames } from '../text/host-ranges.ts'
import { countOf } from '../text/count.ts'
import { accountOf, debtKey, debtsOf, isOpen, type Account, type Debt } from './debts.ts'
import type { Folded } from './outcome-of-log.ts'
import { listRuns, type Brief, type Ending } from './read-log.ts'
import { unsettledLogs } from './settled-logs.ts'

/** An earlier run that left handlers unpaid. */
export interface UnpaidRun {
  readonly run: string
  readonly folded: Folded
  /** What it still owes in a play of its log. */
  owed(play: number, host: string): readonly string[]
}

/**
 * The runs of a playbook that still owe handlers, the newest first: without what other runs have paid or taken over. However many
 * runs came after it, a run stands here until its debts are paid.
 */
export function unpaidRuns(folder: string, file: string): readonly UnpaidRun[] {
  const suspects = suspectsIn(folder).filter(({ brief }) => isOf(brief, file))
  return openAccounts(folder, suspects).map(({ account, open }) => unpaidRun(account, open))
}

/** The logs without which a debt would be forgotten: what a newer log of the same playbook owes too needs no older one. */
export function logsThatOwe(folder: string): ReadonlySet<string> {
  const named = new Set<string>()
  const needed = openAccounts(folder, suspectsIn(folder)).filter(({ account, open }) => {
    const keys = open.map((debt) => `${playbookOf(account.brief)}\n${debtKey(account, debt)}`)
    const isCovered = keys.every((key) => named.has(key))
    for (const key of keys) named.add(key)
    return !isCovered
  })
  return new Set(needed.map(({ account }) => account.brief.file))
}

/** What a run owes after all that other runs have paid since; null where it says nothing of handlers, or does not read. */
export function stillOwed(folder: string, brief: Brief): UnpaidRun | null {
  const account = accountOf(brief)
  if (!account || debtsOf(account).length === 0) return null
  const all = accountsOf(folder, playbookOf(brief), [account])
  // It is resumed once more: what an earlier resume took over and did not pay is owed here too.
  const paying = all.map((other) => ({ ...other, taken: null }))
  return unpaidRun(account, openDebts(account, paying))
}

/** Warns of handlers that earlier runs of this playbook left unpaid on one of these hosts; null where nothing is owed. */
export function unpaidBefore(
  folder: string,
  playbook: Playbook,
  hosts: ReadonlySet<string>,
): Diagnostic | null {
  const open = unpaidRuns(folder, playbook.file).flatMap((unpaid) => {
    const owing = owingHosts(unpaid).filter((host) => hosts.has(host))
    return owing.length > 0 ? [{ unpaid, owing }] : []
  })
  const first = open[0]
  if (!first) return null
  const { run } = first.unpaid
  const sentences = sentencesOf(first.unpaid, first.owing)
  const more = sentences.length > 1 ? ` and ${sentences.length - 1} more` : ''
  const others = open.length > 1 ? `; so did ${countOf(open.length - 1, 'earlier run')}` : ''
  return {
    code: 'run/owed',
    severity: 'warning',
    message: `run ${run} left handlers unpaid on ${foldNames(first.owing, 120)}: "${sentences[0]}"${more}${others}`,
    hint: `pay all of them with \`trueup resume ${run}\`: this run notifies them only where it makes a new change`,
  }
}

/** The hosts that owe something from a run. */
export function owingHosts({ folded, owed }: UnpaidRun): readonly string[] {
  const hosts = new Set<string>()
  for (const play of folded.indebted())
    for (const host of folded.owing(play).keys()) if (owed(play, host).length > 0) hosts.add(host)
  return [...hosts]
}

function sentencesOf({ folded, owed }: UnpaidRun, hosts: readonly string[]): readonly string[] {
  return [
    ...new Set(folded.indebted().flatMap((play) => hosts.flatMap((host) => owed(play, host)))),
  ]
}

/** The runs that owe something by their own logs, the newest first. */
function suspectsIn(folder: string): readonly Account[] {
  const ill = new Set(unsettledLogs(folder, mayOwe))
  if (ill.size === 0) return []
  return listRuns(folder, (log) => ill.has(log))
    .filter(({ header, state }) => header.mode === 'run' && state !== 'running')
    .flatMap((brief) => accountOf(brief) ?? [])
    .filter((account) => debtsOf(account).length > 0)
}

/** The suspects whose debts no other run of their playbook has paid or taken over. */
function openAccounts(
  folder: string,
  suspects: readonly Account[],
): readonly { readonly account: Account; readonly open: readonly Debt[] }[] {
  const all = new Map<string, readonly Account[]>()
  return suspects.flatMap((account) => {
    const file = playbookOf(account.brief)
    const others = all.get(file) ?? accountsOf(folder, file, suspects)
    all.set(file, others)
    const open = openDebts(account, others)
    return open.length === 0 ? [] : [{ account, open }]
  })
}

/** What the runs of a playbook say of handlers; those that are known are not read again. */
function accountsOf(folder: string, file: string, known: readonly Account[]): readonly Account[] {
  const held = new Map(known.map((account) => [account.brief.file, account]))
  return listRuns(folder)
    .filter((brief) => isOf(brief, file))
    .flatMap((brief) => held.get(brief.file) ?? accountOf(brief) ?? [])
}

function isOf(brief: Brief, file: string): boolean {
  return brief.header.mode === 'run' && playbookOf(brief) === file
}

function playbookOf({ header }: Brief): string {
  return header.playbook.file
}

/** A run that ended well paid what it owed. */
function mayOwe({ end }: Ending): boolean {
  return !end || end.interrupted || end.failedHosts.length + end.unreachableHosts.length > 0
}

function openDebts(account: Account, all: readonly Account[]): readonly Debt[] {
  return debtsOf(account).filter((debt) => isOpen(account, debt, all))
}

function unpaidRun({ brief, folded }: Account, open: readonly Debt[]): UnpaidRun {
  // Asked for each host of each play, several times.
  const sentences = new Map<string, string[]>()
  for (const { play, host, sentence } of open) {
    const key = `${play} ${host}`
    sentences.set(key, [...(sentences.get(key) ?? []), sentence])
  }
  return {
    run: brief.header.run,
    folded,
    owed: (play, host) => sentences.get(`${play} ${host}`) ?? [],
  }
}
