import { dirname, join, resolve } from 'node:path'
import { homeOf } from '../files/user-home.ts'
import { readText } from '../files/read-file.ts'
import { distrust, type Trust } from '../files/trust.ts'
import type { Diagnostic, Place } from '../model/diagnostic.ts'
import { placeText } from '../model/diagnostic.ts'
import { readValue } from '../schema/read-value.ts'
import { writtenLocated } from '../schema/written-located.ts'
import { noFiles, unknownValue, writtenValue, type Written } from '../schema/written.ts'
import { didYouMean, nearest } from '../source/suggest.ts'
import { parseYaml } from '../source/located-yaml.ts'
import { plain, type LocatedMap } from '../source/located.ts'
import {
  schemaOf,
  settings,
  valueOfVariable,
  variableOf,
  type Setting,
  type SettingValue,
} from './settings.ts'
import { systemConfigFile } from './trusted-groups.ts'

/** A setting's value, and where it comes from. */
export interface Configured {
  readonly value: SettingValue
  /** In canonical form: a duration in seconds, a size in bytes. */
  readonly read: unknown
  /** `trueup.yaml:3:8`, or `TRUEUP_FORKS`. */
  readonly origin: string
}

/** What is configured, by the names of settings; and what is wrong with it. */
export interface Config {
  readonly values: ReadonlyMap<string, Configured>
  /** The files that were read, the strongest first. */
  readonly files: readonly string[]
  readonly diagnostics: readonly Diagnostic[]
}

/** Where configuration is looked for. */
export interface ConfigPlaces {
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  readonly trust: Trust
  /** The system's file, where a test has another one. */
  readonly systemFile?: string
}

const projectFile = 'trueup.yaml'
/** Variables that are not settings. */
const otherVariables = new Set(['TRUEUP_DEBUG', 'TRUEUP_NO_BYTECODE_CACHE'])

/** Reads the environment, then the project's, the user's and the system's file: what is stronger hides what is weaker. */
export function readConfig(places: ConfigPlaces): Config {
  const values = new Map<string, Configured>()
  const diagnostics: Diagnostic[] = []
  readVariables(places.env, values, diagnostics)
  const files: string[] = []
  for (const file of filesOf(places)) {
    const read = readText(file)
    if ('code' in read) {
      if (read.code !== 'ENOENT' && read.code !== 'ENOTDIR')
        diagnostics.push(notRead(file, read.words))
      continue
    }
    const others = distrust(places.trust, 'the configuration', file)
    if (others) {
      diagnostics.push(others)
      continue
    }
    files.push(file)
    const parsed = parseYaml(file, read.text)
    diagnostics.push(...parsed.diagnostics)
    if (parsed.value?.kind === 'map')
      readMap(parsed.value, '', {
        file,
        isSystem: file === systemFileOf(places),
        home: homeOf(places.env),
        values,
        diagnostics,
      })
    else if (parsed.value)
      diagnostics.push(
        wrong(parsed.value.at, 'a configuration is a map of settings', 'write forks: 20'),
      )
  }
  return { values, files, diagnostics }
}

function systemFileOf({ systemFile = systemConfigFile }: ConfigPlaces): string {
  return systemFile
}

/** The files that may say something, the strongest first. */
function filesOf(places: ConfigPlaces): readonly string[] {
  const { env, cwd } = places
  const home = homeOf(env)
  const base = env['XDG_CONFIG_HOME']?.startsWith('/')
    ? env['XDG_CONFIG_HOME']
    : join(home, '.config')
  return [...projectFiles(cwd), join(base, 'trueup/config.yaml'), systemFileOf(places)]
}

/** The nearest trueup.yaml of this folder and those above it. */
function projectFiles(cwd: string): readonly string[] {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const file = join(folder, projectFile)
    const read = readText(file)
    if (!('code' in read) || (read.code !== 'ENOENT' && read.code !== 'ENOTDIR')) return [file]
    if (dirname(folder) === folder) return []
  }
}

function readVariables(
  env: NodeJS.ProcessEnv,
  values: Map<string, Configured>,
  diagnostics: Diagnostic[],
): void {
  const known = new Map(settings.map((each) => [variableOf(each), each]))
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith('TRUEUP_') || text === undefined || otherVariables.has(name)) continue
    const setting = known.get(name)
    if (!setting) {
      const meant = nearest(name, known.keys())
      // A variable that resembles no setting may be another program's.
      if (meant === null) continue
      diagnostics.push({
        code: 'config/unknown-variable',
        severity: 'warning',
        message: `${name} is not a setting, and has no effect`,
        hint: `did you mean ${meant}?`,
      })
      continue
    }
    const value = valueOfVariable(setting, text)
    const place = { file: name, line: 1, column: 1 }
    const read = readSetting(setting, name, writtenValue(value, place, noFiles), (fault) =>
      diagnostics.push({
        code: 'config/value',
        message: fault.message.startsWith(name) ? fault.message : `${name}: ${fault.message}`,
        hint: `${fault.hint ? `${fault.hint}; ` : ''}trueup config shows each setting and where it comes from`,
      }),
    )
    if (read !== unknownValue)
      values.set(setting.name, { value: value as SettingValue, read, origin: name })
  }
}

interface Reading {
  readonly file: string
  readonly isSystem: boolean
  /** What `~/` at the start of a path stands for. */
  readonly home: string
  readonly values: Map<string, Configured>
  readonly diagnostics: Diagnostic[]
}

function readMap(map: LocatedMap, prefix: string, reading: Reading): void {
  const { values, diagnostics, isSystem } = reading
  for (const [key, entry] of map.entries) {
    const name = `${prefix}${key}`
    const inner = settings.some((each) => each.name.startsWith(`${name}.`))
    if (inner && entry.value.kind === 'map') {
      readMap(entry.value, `${name}.`, reading)
      continue
    }
    // Read by itself: what is trusted decides what may be read at all.
    if (name === 'trusted_groups' && isSystem) continue
    const setting = settings.find((each) => each.name === name)
    if (!setting) {
      diagnostics.push(unknownKey(name, prefix, entry.keyAt, inner))
      continue
    }
    const read = readSetting(setting, name, writtenLocated(entry.value), (fault) =>
      diagnostics.push({ ...fault, code: 'config/value' }),
    )
    if (read !== unknownValue && !values.has(name))
      values.set(name, {
        value: fromFile(setting, plain(entry.value) as SettingValue, reading),
        read,
        origin: placeText(entry.value.at),
      })
  }
}

/** The canonical value of a setting, or `unknownValue` after a fault. */
function readSetting(
  setting: Setting,
  name: string,
  written: Written,
  report: (fault: Diagnostic) => void,
): unknown {
  return readValue(schemaOf(setting), written, { name, files: noFiles, report })
}

/** Paths of a file are relative to it. */
function fromFile(setting: Setting, value: SettingValue, { file, home }: Reading): SettingValue {
  const from = (path: string): string =>
    path.startsWith('~/') ? join(home, path.slice(2)) : resolve(dirname(file), path)
  if (setting.kind === 'path') return from(value as string)
  if (setting.kind === 'reports')
    return (value as readonly string[]).map((each) =>
      each.replace(/:(.+)$/s, (_, path: string) => `:${from(path)}`),
    )
  return setting.kind === 'paths' ? (value as readonly string[]).map(from) : value
}

function unknownKey(name: string, prefix: string, at: Place, isMap: boolean): Diagnostic {
  if (name === 'trusted_groups')
    return {
      code: 'config/unknown-setting',
      message: "'trusted_groups' is read from the system's configuration alone",
      at,
      hint: `write it into ${systemConfigFile}`,
    }
  const known = settings
    .filter((each) => each.name.startsWith(prefix))
    .map((each) => each.name.slice(prefix.length).split('.')[0]!)
  return {
    code: 'config/unknown-setting',
    message: isMap ? `'${name}' is a map of settings` : `'${name}' is not a setting`,
    at,
    hint: isMap
      ? `write its settings below it`
      : didYouMean(name.slice(prefix.length), new Set(known)),
  }
}

function wrong(at: Place, message: string, hint: string): Diagnostic {
  return { code: 'config/value', message, at, hint }
}

function notRead(file: string, words: string): Diagnostic {
  return {
    code: 'config/not-read',
    message: `the configuration ${file} cannot be read: ${words}`,
    hint: 'let your account read it, or remove it',
  }
}
