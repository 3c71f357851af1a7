import {
  accountOf,
  accountsOf,
  groupsOf,
  type Group,
  hashPassword,
  lines,
} from '../node/account-files.ts'
import type { Tree } from '../node/file-tree.ts'
import { type Call, fail, type LabCommand, ok, type Output, parse, type Parsed } from './command.ts'

type Row = string[]
const passwd = '/etc/passwd'
const group = '/etc/group'
const shadow = '/etc/shadow'

function rows(call: Call, path: string): Row[] {
  return lines(call.machine.tree, path).map((line) => [...line])
}

function store(call: Call, path: string, all: readonly Row[]): void {
  call.files.write(path, all.map((row) => `${row.join(':')}\n`).join(''))
}

function refused(call: Call): Output | null {
  if (call.files.who.uid === 0) return null
  return fail(
    1,
    `${call.name}: Permission denied.\n${call.name}: cannot lock /etc/passwd; try again later.\n`,
  )
}

function freeNumber(taken: readonly number[], system: boolean): number {
  const used = new Set(taken)
  if (system) for (let number = 499; number >= 100; number--) if (!used.has(number)) return number
  let number = 1000
  while (used.has(number)) number += 1
  return number
}

function groupNumber(tree: Tree, text: string): number | undefined {
  return (
    groupsOf(tree).find((each) => each.name === text) ??
    groupsOf(tree).find((each) => /^\d+$/.test(text) && each.gid === Number(text))
  )?.gid
}

const accountOptions =
  'u= uid= o non-unique g= gid= G= groups= s= shell= c= comment= d= home= home-dir= p= password= e= expiredate= f= inactive= m M create-home no-create-home move-home r system k= skel= b= base-dir= N no-user-group U user-group unlock L lock a append l= login= K= D defaults Z='

/** What both useradd and usermod check; gives the numbers. */
function checked(
  call: Call,
  options: Parsed,
  own: number | null,
): { uid: number | null; gid: number | null; groups: readonly string[] | null } | Output {
  const { tree } = call.machine
  const uidText = options.value('u', 'uid')
  if (uidText !== undefined && !/^\d+$/.test(uidText))
    return fail(3, `${call.name}: invalid user ID '${uidText}'\n`)
  const uid = uidText === undefined ? null : Number(uidText)
  if (
    uid !== null &&
    uid !== own &&
    !options.has('o', 'non-unique') &&
    accountsOf(tree).some((each) => each.uid === uid)
  )
    return fail(4, `${call.name}: UID ${uid} is not unique\n`)
  const wanted = options.value('g', 'gid')
  const gid = wanted === undefined ? null : (groupNumber(tree, wanted) ?? -1)
  if (gid === -1) return fail(6, `${call.name}: group '${wanted}' does not exist\n`)
  const listed = options.value('G', 'groups')
  const groups = listed === undefined ? null : listed.split(',').filter(Boolean)
  const unknown = (groups ?? []).filter((each) => groupNumber(tree, each) === undefined)
  if (unknown.length > 0)
    return fail(6, unknown.map((each) => `${call.name}: group '${each}' does not exist\n`).join(''))
  return {
    uid,
    gid,
    groups:
      groups?.map(
        (each) => groupsOf(tree).find((one) => one.gid === groupNumber(tree, each))!.name,
      ) ?? null,
  }
}

function join(call: Call, name: string, groups: readonly string[], append: boolean): void {
  store(
    call,
    group,
    rows(call, group).map((row) => {
      const members = (row[3] ?? '').split(',').filter((each) => each !== '' && each !== name)
      const had = (row[3] ?? '').split(',').includes(name)
      const is = groups.includes(row[0]!) || (append && had)
      return [row[0]!, row[1]!, row[2]!, [...members, ...(is ? [name] : [])].join(',')]
    }),
  )
}

function useradd(call: Call): Output {
  const denied = refused(call)
  if (denied) return denied
  const options = parse(call.args, accountOptions)
  const name = options.operands[0]
  if (options.wrong || name === undefined)
    return fail(
      2,
      `${options.wrong ? `useradd: ${options.wrong}\n` : ''}Usage: useradd [options] LOGIN\n`,
    )
  if (!/^[A-Za-z_][A-Za-z0-9_.-]*\$?$/.test(name))
    return fail(3, `useradd: invalid user name '${name}'\n`)
  const { tree } = call.machine
  if (accountOf(tree, name)?.name === name)
    return fail(9, `useradd: user '${name}' already exists\n`)
  const numbers = checked(call, options, null)
  if ('exitCode' in numbers) return numbers
  const system = options.has('r', 'system')
  const uid =
    numbers.uid ??
    freeNumber(
      accountsOf(tree).map((each) => each.uid),
      system,
    )
  let gid = numbers.gid ?? 100
  if (numbers.gid === null && options.has('U', 'user-group')) {
    gid = freeNumber(
      groupsOf(tree).map((each) => each.gid),
      system,
    )
    store(call, group, [...rows(call, group), [name, 'x', String(gid), '']])
  }
  const home =
    options.value('d', 'home', 'home-dir') ?? `${options.value('b', 'base-dir') ?? '/home'}/${name}`
  store(call, passwd, [
    ...rows(call, passwd),
    [
      name,
      'x',
      String(uid),
      String(gid),
      options.value('c', 'comment') ?? '',
      home,
      options.value('s', 'shell') ?? '/bin/bash',
    ],
  ])
  store(call, shadow, [
    ...rows(call, shadow),
    [name, options.value('p', 'password') ?? '!', '19700', '0', '99999', '7', '', '', ''],
  ])
  if (numbers.groups) join(call, name, numbers.groups, true)
  if (options.has('m', 'create-home') && !call.files.exists(home)) {
    call.files.mkdirs(home, 0o755)
    call.files.chown(home, { uid, gid })
  }
  return ok()
}

function usermod(call: Call): Output {
  const denied = refused(call)
  if (denied) return denied
  const options = parse(call.args, accountOptions)
  const name = options.operands[0]
  if (options.wrong || name === undefined)
    return fail(
      2,
      `${options.wrong ? `usermod: ${options.wrong}\n` : ''}Usage: usermod [options] LOGIN\n`,
    )
  const account = accountsOf(call.machine.tree).find((each) => each.name === name)
  if (!account) return fail(6, `usermod: user '${name}' does not exist\n`)
  const numbers = checked(call, options, account.uid)
  if ('exitCode' in numbers) return numbers
  const login = options.value('l', 'login') ?? name
  const home = options.value('d', 'home') ?? account.home
  if (
    options.has('m', 'move-home') &&
    home !== account.home &&
    call.files.exists(account.home) &&
    !call.files.exists(home)
  )
    call.files.rename(account.home, home)
  store(
    call,
    passwd,
    rows(call, passwd).map((row) =>
      row[0] === name
        ? [
            login,
            row[1]!,
            String(numbers.uid ?? account.uid),
            String(numbers.gid ?? account.gid),
            options.value('c', 'comment') ?? account.comment,
            home,
            options.value('s', 'shell') ?? account.shell,
          ]
        : row,
    ),
  )
  store(
    call,
    shadow,
    rows(call, shadow).map((row) => {
      if (row[0] !== name) return row
      const hash = options.value('p', 'password') ?? row[1]!
      const held = options.has('L', 'lock')
        ? `!${hash.replace(/^!/, '')}`
        : options.has('U', 'unlock')
          ? hash.replace(/^!/, '')
          : hash
      return [login, held, ...row.slice(2)]
    }),
  )
  if (numbers.groups) join(call, name, numbers.groups, options.has('a', 'append'))
  return ok()
}

function userdel(call: Call): Output {
  const denied = refused(call)
  if (denied) return denied
  const options = parse(call.args, 'r remove f force Z')
  const name = options.operands[0]
  if (options.wrong || name === undefined) return fail(2, 'Usage: userdel [options] LOGIN\n')
  const account = accountsOf(call.machine.tree).find((each) => each.name === name)
  if (!account) return fail(6, `userdel: user '${name}' does not exist\n`)
  store(
    call,
    passwd,
    rows(call, passwd).filter((row) => row[0] !== name),
  )
  store(
    call,
    shadow,
    rows(call, shadow).filter((row) => row[0] !== name),
  )
  join(call, name, [], false)
  if (options.has('r', 'remove') && call.files.exists(account.home))
    call.files.removeAll(account.home)
  return ok()
}

function groupCommand(call: Call): Output {
  const denied = refused(call)
  if (denied)
    return fail(
      call.name === 'groupadd' ? 10 : 1,
      `${call.name}: Permission denied.\n${call.name}: cannot lock /etc/group; try again later.\n`,
    )
  const options = parse(
    call.args,
    'g= gid= r system o non-unique f force n= new-name= K= p= password=',
  )
  const name = options.operands[0]
  if (options.wrong || name === undefined) return fail(2, `Usage: ${call.name} [options] GROUP\n`)
  const all = groupsOf(call.machine.tree)
  const existing = all.find((each) => each.name === name)
  const wanted = options.value('g', 'gid')
  if (wanted !== undefined && !/^\d+$/.test(wanted))
    return fail(3, `${call.name}: invalid group ID '${wanted}'\n`)
  if (
    wanted !== undefined &&
    !options.has('o', 'non-unique') &&
    all.some((each) => each.gid === Number(wanted) && each !== existing)
  )
    return fail(4, `${call.name}: GID '${wanted}' already exists\n`)
  if (call.name === 'groupadd') return addGroup(call, options, name, wanted)
  if (!existing) return fail(6, `${call.name}: group '${name}' does not exist\n`)
  return call.name === 'groupmod'
    ? changeGroup(call, existing, {
        name: options.value('n', 'new-name') ?? name,
        gid: wanted ?? String(existing.gid),
      })
    : removeGroup(call, existing)
}

function addGroup(call: Call, options: Parsed, name: string, wanted: string | undefined): Output {
  const all = groupsOf(call.machine.tree)
  if (all.some((each) => each.name === name))
    return options.has('f', 'force') ? ok() : fail(9, `groupadd: group '${name}' already exists\n`)
  if (!/^[A-Za-z_][A-Za-z0-9_.-]*\$?$/.test(name))
    return fail(3, `groupadd: '${name}' is not a valid group name\n`)
  const numbers = all.map((each) => each.gid)
  const gid = wanted ?? String(freeNumber(numbers, options.has('r', 'system')))
  store(call, group, [...rows(call, group), [name, 'x', gid, '']])
  return ok()
}

function changeGroup(
  call: Call,
  existing: Group,
  { name, gid }: { readonly name: string; readonly gid: string },
): Output {
  store(
    call,
    group,
    rows(call, group).map((row) =>
      row[0] === existing.name ? [name, row[1]!, gid, row[3] ?? ''] : row,
    ),
  )
  store(
    call,
    passwd,
    rows(call, passwd).map((row) =>
      row[3] === String(existing.gid) ? [...row.slice(0, 3), gid, ...row.slice(4)] : row,
    ),
  )
  return ok()
}

function removeGroup(call: Call, existing: Group): Output {
  const primary = accountsOf(call.machine.tree).find((each) => each.gid === existing.gid)
  if (primary)
    return fail(8, `groupdel: cannot remove the primary group of user '${primary.name}'\n`)
  store(
    call,
    group,
    rows(call, group).filter((row) => row[0] !== existing.name),
  )
  return ok()
}

async function chpasswd(call: Call): Promise<Output> {
  if (call.files.who.uid !== 0)
    return fail(
      1,
      'chpasswd: Permission denied.\nchpasswd: cannot lock /etc/passwd; try again later.\n',
    )
  const options = parse(call.args, 'e encrypted m md5 c= crypt-method= s=')
  const pairs = (await call.stdin())
    .toString('utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)] as const)
  const unknown = pairs.flatMap(([name], i) =>
    accountsOf(call.machine.tree).some((each) => each.name === name)
      ? []
      : [`chpasswd: line ${i + 1}: user '${name}' does not exist\n`],
  )
  if (unknown.length > 0)
    return fail(1, `${unknown.join('')}chpasswd: error detected, changes ignored\n`)
  const next = new Map(pairs)
  store(
    call,
    shadow,
    rows(call, shadow).map((row) => {
      const given = next.get(row[0]!)
      return given === undefined
        ? row
        : [
            row[0]!,
            options.has('e', 'encrypted') ? given : hashPassword(given, row[0]!),
            ...row.slice(2),
          ]
    }),
  )
  return ok()
}

/** Accounts and groups, over the files of /etc. */
export const accountCommands: readonly LabCommand[] = [
  { names: ['useradd'], system: true, run: useradd },
  { names: ['usermod'], system: true, run: usermod },
  { names: ['userdel'], system: true, run: userdel },
  { names: ['groupadd', 'groupmod', 'groupdel'], system: true, run: groupCommand },
  { names: ['chpasswd'], system: true, run: chpasswd },
]
