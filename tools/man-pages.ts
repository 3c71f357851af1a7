import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { plain, quoted, roffOf, titleLine } from './roff.ts'

const byHand = '.\\" Written by `npm run generate`: change what it is made of, not this page.'

/** Pages of section 5, made of the pages for people. */
const formats: readonly (readonly [name: string, page: string, about: string])[] = [
  ['trueup-playbook', 'docs/writing-playbooks.md', 'the language of playbooks'],
  ['trueup-inventory', 'docs/inventory.md', 'hosts, groups, services and how they are reached'],
  ['trueup-config', 'docs/configuration.md', 'configuration files and environment variables'],
]

/** The manual pages: one of the program, one of each command, and those of its files. */
export function manPages(
  program: Command,
  root: string,
  version: string,
): ReadonlyMap<string, string> {
  const commands = program.commands.filter((each) => !isHidden(each))
  return new Map([
    ['man/trueup.1', programPage(program, commands, version)],
    ...commands.map((each) => [`man/trueup-${each.name()}.1`, commandPage(each, version)] as const),
    ...formats.map(
      ([name, page, about]) =>
        [
          `man/${name}.5`,
          [
            byHand,
            titleLine(name, 5, version),
            '.SH NAME',
            `${plain(name)} \\- ${plain(about)}`,
            '.SH DESCRIPTION',
            roffOf(readFileSync(join(root, page), 'utf8')),
            '',
          ].join('\n'),
        ] as const,
    ),
  ])
}

function programPage(program: Command, commands: readonly Command[], version: string): string {
  return lines([
    byHand,
    titleLine('trueup', 1, version),
    '.SH NAME',
    'trueup \\- makes machines true to a playbook',
    '.SH SYNOPSIS',
    '.B trueup',
    '.I command',
    '.RI [ argument ...]',
    '.SH DESCRIPTION',
    plain(program.description()),
    '.SH COMMANDS',
    ...commands.flatMap((each) => [
      '.TP',
      `.BR ${quoted(`trueup-${each.name()}`)} (1)`,
      sentence(each.description()),
    ]),
    '.SH OPTIONS',
    ...options(program),
    '.SH EXIT STATUS',
    ...exits.flatMap(([code, meaning]) => ['.TP', `.B ${code}`, plain(meaning)]),
    '.SH FILES',
    ...files.flatMap(([path, meaning]) => ['.TP', `.I ${quoted(path)}`, plain(meaning)]),
    '.SH SEE ALSO',
    formats.map(([name]) => `.BR ${quoted(name)} (5)`).join(',\n'),
  ])
}

const exits = [
  ['0', 'True, or made true.'],
  ['1', 'A task failed, or a host was unreachable.'],
  ['2', 'A plan has changes pending.'],
  ['3', 'The input is wrong; nothing was touched.'],
  ['130', 'Interrupted.'],
] as const

const files = [
  ['trueup.yaml', 'The configuration of a project: the nearest one in this folder or above.'],
  ['~/.config/trueup/config.yaml', "The user's configuration."],
  ['/etc/trueup/config.yaml', "The system's configuration."],
  ['~/.local/state/trueup', 'Run logs and guesses.'],
  ['/usr/share/trueup', 'Playbooks, schemas and docs, where a package installed them.'],
] as const

function commandPage(command: Command, version: string): string {
  const name = `trueup-${command.name()}`
  const inner = command.commands.filter((each) => !isHidden(each))
  return lines([
    byHand,
    titleLine(name, 1, version),
    '.SH NAME',
    `${plain(name)} \\- ${plain(command.description())}`,
    '.SH SYNOPSIS',
    ...(inner.length > 0 ? inner : [command]).flatMap((each, i) => [
      ...(i > 0 ? ['.br'] : []),
      `.B ${quoted(`trueup ${command.name()}${each === command ? '' : ` ${each.name()}`}`)}`,
      plain(each.usage()),
    ]),
    ...section('ARGUMENTS', argumentsOf(command)),
    ...section('OPTIONS', options(command)),
    ...inner.flatMap((each) => [
      `.SH ${quoted(`${command.name()} ${each.name()}`.toUpperCase())}`,
      sentence(each.description()),
      ...argumentsOf(each),
      ...options(each),
    ]),
    '.SH SEE ALSO',
    '.BR trueup (1)',
  ])
}

function section(title: string, body: readonly string[]): readonly string[] {
  return body.length > 0 ? [`.SH ${title}`, ...body] : []
}

function argumentsOf(command: Command): readonly string[] {
  return command.registeredArguments
    .filter((each) => each.description !== '')
    .flatMap((each) => ['.TP', `.I ${quoted(each.name())}`, sentence(each.description)])
}

function options(command: Command): readonly string[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .flatMap((option) => [
      '.TP',
      `.B ${quoted(option.flags)}`,
      sentence(command.createHelp().optionDescription(option)),
    ])
}

function sentence(text: string): string {
  const whole = `${text.charAt(0).toUpperCase()}${text.slice(1)}`
  return plain(/[.)!?]$/.test(whole) ? whole : `${whole}.`)
}

function isHidden(command: Command): boolean {
  return (command as unknown as { readonly _hidden?: boolean })._hidden === true
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`
}
