import type { Installed } from '../node/machine.ts'
import { type Call, fail, type LabCommand, ok, type Output, parse, type Parsed } from './command.ts'

const tags: Readonly<Record<string, (each: Installed) => string>> = {
  NAME: (each) => each.name,
  VERSION: (each) => each.version,
  RELEASE: (each) => each.release,
  ARCH: (each) => each.arch,
  EPOCH: () => '(none)',
  EPOCHNUM: () => '0',
  EVR: (each) => `${each.version}-${each.release}`,
  NEVRA: full,
  NVRA: full,
  NVR: (each) => `${each.name}-${each.version}-${each.release}`,
  SUMMARY: (each) => each.summary,
  VENDOR: () => 'SUSE LLC <https://www.suse.com/>',
  INSTALLTIME: (each) => String(Math.floor(each.installed / 1000)),
  SIZE: () => '1048576',
  LICENSE: () => 'Apache-2.0',
}

function full(each: Installed): string {
  return `${each.name}-${each.version}-${each.release}.${each.arch}`
}

function formatted(format: string, each: Installed): string {
  return format
    .replace(/\\n/g, '\n')
    .replace(/\\t/g, '\t')
    .replace(
      /%-?\d*\{:?(\w+)(?::\w+)?\}/g,
      (_whole, tag: string) => tags[tag.toUpperCase()]?.(each) ?? '(none)',
    )
}

function rpm(call: Call): Output {
  const options = parse(
    call.args,
    'q query a all f= file= l list i info R requires whatprovides= qf= queryformat= nosignature nodigest noscripts quiet V verify e erase version import= U upgrade h hash v changelog c d s last E= eval= root= dbpath=',
  )
  if (options.has('version')) return ok('RPM version 4.14.3\n')
  if (options.has('E', 'eval'))
    return ok(
      `${options
        .value('E', 'eval')!
        .replaceAll('%_arch', () => call.machine.spec.arch)
        .replaceAll('%{_arch}', () => call.machine.spec.arch)}\n`,
    )
  if (options.has('import')) return ok()
  if (options.has('e', 'erase')) return erase(call, options.operands)
  if (options.has('q', 'query'))
    return options.has('a', 'all') ? queryAll(call, options) : query(call, options)
  return options.wrong
    ? fail(1, `rpm: ${options.wrong}\n`)
    : fail(
        1,
        'RPM version 4.14.3\nCopyright (C) 1998-2002 - Red Hat, Inc.\nThis program may be freely redistributed under the terms of the GNU GPL\n',
      )
}

/** What a query prints of a package. */
function shown(options: Parsed, each: Installed): string {
  // `-qf FILE` and `-qi NAME` are clusters of one-letter options, `--qf` is a format.
  const format = options.value('qf', 'queryformat')
  if (format !== undefined) return formatted(format, each)
  if (options.has('l', 'list'))
    return each.files.length > 0
      ? each.files.map((path) => `${path}\n`).join('')
      : '(contains no files)\n'
  if (options.has('R', 'requires')) return each.requires.map((need) => `${need}\n`).join('')
  if (options.has('i', 'info'))
    return `Name        : ${each.name}\nVersion     : ${each.version}\nRelease     : ${each.release}\nArchitecture: ${each.arch}\nSummary     : ${each.summary}\n`
  return `${full(each)}\n`
}

function queryAll(call: Call, options: Parsed): Output {
  const wanted = options.operands.map(
    (glob) =>
      new RegExp(
        `^${glob
          .replace(/[.+^${}()|\\]/g, '\\$&')
          .replaceAll('*', '.*')
          .replaceAll('?', '.')}$`,
      ),
  )
  return ok(
    [...call.machine.packages.values()]
      .filter(
        (each) =>
          wanted.length === 0 ||
          wanted.some((glob) => glob.test(each.name) || glob.test(full(each))),
      )
      .map((each) => shown(options, each))
      .join(''),
  )
}

function query(call: Call, options: Parsed): Output {
  const files = options.all('f', 'file')
  const provides = options.all('whatprovides')
  if (options.operands.length + files.length + provides.length === 0)
    return fail(1, 'rpm: no arguments given for query\n')
  const answers = [
    ...files.map((path) => ownerOf(call, options, path)),
    ...[...options.operands, ...provides].map((name) => named(call, options, name, provides)),
  ]
  return {
    stdout: options.has('quiet') ? '' : answers.map(({ text }) => text).join(''),
    stderr: '',
    exitCode: Math.min(answers.filter(({ found }) => !found).length, 255),
  }
}

interface QueryAnswer {
  readonly found: boolean
  readonly text: string
}

function ownerOf(call: Call, options: Parsed, path: string): QueryAnswer {
  const owner = [...call.machine.packages.values()].find((each) => each.files.includes(path))
  if (owner) return { found: true, text: shown(options, owner) }
  const text = call.files.exists(path)
    ? `file ${path} is not owned by any package\n`
    : `error: file ${path}: No such file or directory\n`
  return { found: false, text }
}

function named(
  call: Call,
  options: Parsed,
  name: string,
  provides: readonly string[],
): QueryAnswer {
  const database = call.machine.packages
  const each =
    database.get(name) ??
    [...database.values()].find(
      (one) =>
        full(one) === name ||
        `${one.name}-${one.version}-${one.release}` === name ||
        `${one.name}-${one.version}` === name ||
        (provides.includes(name) && one.files.includes(name)),
    )
  if (each) return { found: true, text: shown(options, each) }
  const text = provides.includes(name)
    ? `no package provides ${name}\n`
    : `package ${name} is not installed\n`
  return { found: false, text }
}

function erase(call: Call, names: readonly string[]): Output {
  if (call.files.who.uid !== 0)
    return fail(
      1,
      "error: can't create transaction lock on /usr/lib/sysimage/rpm/.rpm.lock (Permission denied)\n",
    )
  const missing = names.filter((name) => !call.machine.packages.has(name))
  if (missing.length > 0)
    return fail(
      missing.length,
      missing.map((name) => `error: package ${name} is not installed\n`).join(''),
    )
  const needed = names.flatMap((name) =>
    [...call.machine.packages.values()]
      .filter((each) => each.requires.includes(name) && !names.includes(each.name))
      .map((each) => `\t${name} is needed by (installed) ${full(each)}\n`),
  )
  if (needed.length > 0) return fail(1, `error: Failed dependencies:\n${needed.join('')}`)
  for (const name of names) {
    for (const path of call.machine.packages.get(name)!.files)
      if (call.files.exists(path)) call.files.unlink(path)
    call.machine.packages.delete(name)
  }
  return ok()
}

/** rpm over the node's database. */
export const rpmCommands: readonly LabCommand[] = [{ names: ['rpm'], run: rpm }]
