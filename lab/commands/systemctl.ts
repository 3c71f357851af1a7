import { randomBytes } from 'node:crypto'
import type { Machine, Unit } from '../node/machine.ts'
import { root } from '../node/file-tree.ts'
import { type View, viewOf } from '../node/view.ts'
import { restart } from './restart.ts'
import { type Call, fail, type LabCommand, ok, type Output, parse, type Parsed } from './command.ts'

const folders = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
]
const wants = '/etc/systemd/system/multi-user.target.wants'

function unitName(text: string): string {
  return /\.(?:service|socket|target|timer|mount|path|slice|scope|device|automount|swap)$/.test(
    text,
  )
    ? text
    : `${text}.service`
}

function lexists(files: View, path: string): boolean {
  try {
    files.lstat(path)
    return true
  } catch {
    return false
  }
}

/** What systemd finds of a unit's files. */
function fileOf(files: View, name: string): { path: string; text: string; masked: boolean } | null {
  const template = name.replace(/@[^.]*\./, '@.')
  for (const path of folders.flatMap((folder) => [
    `${folder}/${name}`,
    ...(template === name ? [] : [`${folder}/${template}`]),
  ])) {
    if (!lexists(files, path)) continue
    if (files.lstat(path).kind === 'link' && files.readlink(path) === '/dev/null')
      return { path, text: '', masked: true }
    if (files.exists(path)) return { path, text: files.readText(path), masked: false }
  }
  return null
}

function stateOf(files: View, name: string, file: ReturnType<typeof fileOf>): string {
  if (!file) return ''
  if (file.masked) return 'masked'
  if (lexists(files, `${wants}/${name}`)) return 'enabled'
  return /^\[Install\]/m.test(file.text) ? 'disabled' : 'static'
}

function unitOf(machine: Machine, name: string, file: ReturnType<typeof fileOf>): Unit {
  const known = machine.units.get(name)
  if (known) return known
  const fresh: Unit = {
    active: 'inactive',
    sub: 'dead',
    pid: 0,
    invocation: '',
    since: 0,
    loaded: file && !file.masked ? file.text : null,
  }
  if (file) machine.units.set(name, fresh)
  return fresh
}

function properties(machine: Machine, files: View, name: string): Record<string, string> {
  const file = fileOf(files, name)
  const unit = unitOf(machine, name, file)
  const monotonic = unit.since === 0 ? '0' : String((unit.since - machine.booted) * 1000 + 1)
  return {
    Id: name,
    Names: name,
    LoadState: file
      ? file.masked
        ? 'masked'
        : 'loaded'
      : unit.active === 'inactive'
        ? 'not-found'
        : 'not-found',
    ActiveState: unit.active,
    SubState: unit.sub,
    UnitFileState: stateOf(files, name, file),
    UnitFilePreset: file && !file.masked ? 'disabled' : '',
    FragmentPath: file?.path ?? '',
    MainPID: String(unit.pid),
    InvocationID: unit.invocation,
    NeedDaemonReload:
      file && !file.masked && unit.loaded !== null && unit.loaded !== file.text ? 'yes' : 'no',
    StateChangeTimestampMonotonic: monotonic,
    ActiveEnterTimestamp: unit.active === 'active' ? timestamp(unit.since) : '',
    ActiveEnterTimestampMonotonic: unit.active === 'active' ? monotonic : '0',
    ExecMainStatus: unit.active === 'failed' ? '1' : '0',
    Result: unit.active === 'failed' ? 'exit-code' : 'success',
    Description: /^Description=(.*)$/m.exec(file?.text ?? '')?.[1] ?? name,
    CanReload: /^ExecReload=/m.test(file?.text ?? '') ? 'yes' : 'no',
  }
}

// As systemd writes it: `Mon 2026-11-30 15:20:55 UTC`.
function timestamp(at: number): string {
  const [day] = new Date(at).toUTCString().split(',')
  return `${day} ${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

function start(machine: Machine, unit: Unit, name: string): Output | null {
  const command = /^ExecStart=-?(\S+)/m.exec(unit.loaded ?? '')?.[1]
  unit.since = Date.now()
  unit.invocation = randomBytes(16).toString('hex')
  const files = viewOf(machine.tree, root)
  if (command === undefined || (files.exists(command) && files.allowed(files.stat(command), 1))) {
    const once = /^Type=oneshot/m.test(unit.loaded ?? '')
    const stays = /^RemainAfterExit=(?:yes|true|1)/m.test(unit.loaded ?? '')
    Object.assign(
      unit,
      once && !stays
        ? { active: 'inactive', sub: 'dead', pid: 0 }
        : { active: 'active', sub: once ? 'exited' : 'running', pid: once ? 0 : ++machine.lastPid },
    )
    return null
  }
  Object.assign(unit, { active: 'failed', sub: 'failed', pid: 0 })
  return fail(
    1,
    `Job for ${name} failed because the control process exited with error code.\nSee "systemctl status ${name}" and "journalctl -xe" for details.\n`,
  )
}

function act(call: Call, verb: string, name: string): Output {
  const { machine } = call
  const files = viewOf(machine.tree, root)
  const file = fileOf(files, name)
  const unit = unitOf(machine, name, file)
  if (verb === 'mask') return mask(files, name)
  if (verb === 'unmask') return unmask(files, unit, name, file)
  if (!file) {
    if (verb === 'stop') return fail(5, `Failed to stop ${name}: Unit ${name} not loaded.\n`)
    if (verb === 'enable' || verb === 'disable')
      return fail(1, `Failed to ${verb} unit: Unit file ${name} does not exist.\n`)
    return fail(5, `Failed to ${verb} ${name}: Unit ${name} not found.\n`)
  }
  if (file.masked && verb !== 'stop' && verb !== 'disable')
    return fail(
      1,
      verb === 'enable'
        ? `Failed to enable unit: Unit file ${file.path} is masked.\n`
        : `Failed to ${verb} ${name}: Unit ${name} is masked.\n`,
    )
  if (verb === 'enable') return enable(files, unit, name, file)
  if (verb === 'disable') return disable(files, name)
  return actOn(machine, unit, verb, name)
}

/** Starts, stops or reloads a unit that has a file. */
function actOn(machine: Machine, unit: Unit, verb: string, name: string): Output {
  switch (verb) {
    case 'stop':
      Object.assign(unit, {
        active: 'inactive',
        sub: 'dead',
        pid: 0,
        invocation: '',
        ...(unit.active === 'inactive' ? {} : { since: Date.now() }),
      })
      return ok()
    case 'start':
      return (unit.active === 'active' ? null : start(machine, unit, name)) ?? ok()
    case 'try-restart':
      return (unit.active === 'active' ? start(machine, unit, name) : null) ?? ok()
    case 'reload':
      if (unit.active !== 'active') return fail(1, `${name} is not active, cannot reload.\n`)
      if (!/^ExecReload=/m.test(unit.loaded ?? ''))
        return fail(
          1,
          `Failed to reload ${name}: Job type reload is not applicable for unit ${name}.\n`,
        )
      unit.since = Date.now()
      return ok()
    default:
      return start(machine, unit, name) ?? ok()
  }
}

type UnitFile = NonNullable<ReturnType<typeof fileOf>>

function mask(files: View, name: string): Output {
  const path = `${folders[0]}/${name}`
  if (lexists(files, path) && files.lstat(path).kind === 'file')
    return fail(1, `Failed to mask unit: File ${path} already exists.\n`)
  if (!lexists(files, path)) files.symlink('/dev/null', path)
  return ok('', `Created symlink ${path} → /dev/null.\n`)
}

function unmask(files: View, unit: Unit, name: string, file: UnitFile | null | undefined): Output {
  const path = `${folders[0]}/${name}`
  if (!file?.masked) return ok()
  files.unlink(path)
  unit.loaded = fileOf(files, name)?.text ?? null
  return ok('', `Removed ${path}.\n`)
}

function enable(files: View, unit: Unit, name: string, file: UnitFile): Output {
  if (stateOf(files, name, file) === 'static')
    return ok(
      '',
      'The unit files have no installation config (WantedBy=, RequiredBy=, Also=,\nAlias= settings in the [Install] section, and DefaultInstance= for template\nunits). This means they are not meant to be enabled using systemctl.\n',
    )
  if (lexists(files, `${wants}/${name}`)) return ok()
  files.mkdirs(wants, 0o755)
  files.symlink(file.path, `${wants}/${name}`)
  unit.loaded = file.text
  return ok('', `Created symlink ${wants}/${name} → ${file.path}.\n`)
}

function disable(files: View, name: string): Output {
  if (!lexists(files, `${wants}/${name}`)) return ok()
  files.unlink(`${wants}/${name}`)
  return ok('', `Removed ${wants}/${name}.\n`)
}

const acting = new Set([
  'start',
  'stop',
  'restart',
  'reload',
  'try-restart',
  'reload-or-restart',
  'enable',
  'disable',
  'mask',
  'unmask',
])

/** A question to systemd, and where it is asked. */
interface Question {
  readonly machine: Machine
  readonly files: View
  readonly options: Parsed
  readonly names: readonly string[]
  readonly verb: string
}

/** The verbs that only look. */
const looking: Readonly<Record<string, (question: Question) => Output>> = {
  show,
  'is-active': isIn,
  'is-failed': isIn,
  'is-enabled': isEnabled,
  status,
  'is-system-running': () => ok('running\n'),
  cat: catFiles,
  'list-units': listUnits,
  'list-unit-files': listUnits,
}

function systemctl(call: Call): Output {
  const options = parse(
    call.args,
    'p= property= P= value no-pager a all q quiet now t= type= l full no-legend plain no-block f force s= signal= system n= lines= no-reload runtime state= failed',
  )
  if (options.wrong) return fail(1, `systemctl: ${options.wrong}\n`)
  const [verb = 'list-units', ...operands] = options.operands
  const names = operands.map(unitName)
  const { machine } = call
  const files = viewOf(machine.tree, root)
  const question = { machine, files, options, names, verb }
  if (acting.has(verb) || verb === 'daemon-reload' || verb === 'reset-failed') {
    if (call.files.who.uid !== 0)
      return fail(
        verb === 'enable' || verb === 'disable' || verb === 'mask' || verb === 'unmask' ? 1 : 4,
        `Failed to ${verb === 'daemon-reload' ? 'reload daemon' : `${verb} ${names[0] ?? ''}`}: Interactive authentication required.\n`,
      )
    return actOnAll(call, question)
  }
  if (verb === 'reboot') return restart(call, 'reboot')
  if (verb === 'poweroff' || verb === 'halt') return restart(call, 'off')
  return Object.hasOwn(looking, verb)
    ? looking[verb]!(question)
    : fail(1, `Unknown operation ${verb}.\n`)
}

function actOnAll(call: Call, { machine, files, options, names, verb }: Question): Output {
  if (verb === 'daemon-reload') {
    for (const [name, unit] of machine.units) unit.loaded = fileOf(files, name)?.text ?? null
    return ok()
  }
  if (verb === 'reset-failed') return ok()
  if (names.length === 0) return fail(1, 'Too few arguments.\n')
  const results = names.flatMap((name) => [
    act(call, verb === 'reload-or-restart' ? 'restart' : verb, name),
    ...(options.has('now') && (verb === 'enable' || verb === 'disable' || verb === 'mask')
      ? [act(call, verb === 'enable' ? 'start' : 'stop', name)]
      : []),
  ])
  return {
    stdout: '',
    stderr: results.map((each) => each.stderr).join(''),
    exitCode: results.find((each) => each.exitCode !== 0)?.exitCode ?? 0,
  }
}

function show({ machine, files, options, names }: Question): Output {
  const wanted = [...options.all('p', 'property', 'P')].flatMap((each) => each.split(','))
  const values = options.has('value', 'P')
  const blocks = names.map((name) =>
    Object.entries(properties(machine, files, name))
      .filter(([key]) => wanted.length === 0 || wanted.includes(key))
      .map(([key, value]) => `${values ? '' : `${key}=`}${value}\n`)
      .join(''),
  )
  return ok(blocks.join('\n'))
}

function isIn({ machine, files, options, names, verb }: Question): Output {
  const states = names.map((name) => properties(machine, files, name)['ActiveState']!)
  const good = states.some((state) => state === (verb === 'is-active' ? 'active' : 'failed'))
  return {
    stdout: options.has('q', 'quiet') ? '' : states.map((state) => `${state}\n`).join(''),
    stderr: '',
    exitCode: good ? 0 : verb === 'is-active' ? 3 : 1,
  }
}

function isEnabled({ machine, files, options, names }: Question): Output {
  const states = names.map(
    (name) => [name, properties(machine, files, name)['UnitFileState']!] as const,
  )
  const known = states.filter(([, state]) => state !== '')
  return {
    stdout: options.has('q', 'quiet') ? '' : known.map(([, state]) => `${state}\n`).join(''),
    stderr: states
      .filter(([, state]) => state === '')
      .map(([name]) => `Failed to get unit file state for ${name}: No such file or directory\n`)
      .join(''),
    exitCode: known.some(([, state]) => state === 'enabled' || state === 'static') ? 0 : 1,
  }
}

function status({ machine, files, names }: Question): Output {
  const values = names.map((name) => properties(machine, files, name))
  const missing = values.find((each) => each['LoadState'] === 'not-found')
  if (missing) return fail(4, `Unit ${missing['Id']} could not be found.\n`)
  return {
    stdout: values
      .map(
        (each) =>
          `● ${each['Id']} - ${each['Description']}\n     Loaded: ${each['LoadState']} (${each['FragmentPath']}; ${each['UnitFileState']})\n     Active: ${each['ActiveState']} (${each['SubState']})\n`,
      )
      .join('\n'),
    stderr: '',
    exitCode: values.every((each) => each['ActiveState'] === 'active') ? 0 : 3,
  }
}

function catFiles({ files, names }: Question): Output {
  const found = names.map((name) => fileOf(files, name))
  return found.some((file) => !file)
    ? fail(1, `No files found for ${names.find((name) => !fileOf(files, name))}.\n`)
    : ok(found.map((file) => `# ${file!.path}\n${file!.text}`).join('\n'))
}

function listUnits({ machine, files, verb }: Question): Output {
  return ok(
    [...machine.units]
      .map(([name, unit]) =>
        verb === 'list-units'
          ? `${name} loaded ${unit.active} ${unit.sub}\n`
          : `${name} ${stateOf(files, name, fileOf(files, name))}\n`,
      )
      .join(''),
  )
}

/** systemctl over unit files and their links. */
export const systemctlCommands: readonly LabCommand[] = [{ names: ['systemctl'], run: systemctl }]
