import type { Playbook } from '../../model/playbook.ts'
import type { Code } from '../../model/codes.ts'
import type { Diagnostic, Place } from '../../model/diagnostic.ts'
import { placeText } from '../../model/diagnostic.ts'
import type { AnyResourceType } from '../../contract/resource.ts'
import { meantText, nearest } from '../../source/suggest.ts'
import { isTypeFile, type ChosenTypes, type TypeFile } from './type-files.ts'
import { loadTypeModule } from './type-module.ts'
import { placeOf } from './type-places.ts'

/** One type of one's own, and the file that it stands in. */
export interface OwnType {
  readonly type: AnyResourceType
  readonly file: string
}
/** The types that a playbook can use, its own among them, and what is wrong with those. */
export interface GatheredTypes {
  readonly types: ReadonlyMap<string, AnyResourceType>
  readonly own: readonly OwnType[]
  /** Names of files that hold a type with mistakes: a playbook that uses one is not wrong for that. */
  readonly broken: ReadonlySet<string>
  readonly diagnostics: readonly Diagnostic[]
  readonly sources: readonly TypeFile[]
  /** Names of types that lie beside them and were not loaded. */
  readonly others: readonly string[]
}

/** What is there before a user's own types are: the built-in types, and the words that a type may not be called. */
export interface TakenNames {
  readonly builtIn: ReadonlyMap<string, AnyResourceType>
  readonly keywords: ReadonlySet<string>
}

/** Compiles and loads these files, and puts their types beside the built-in ones. No name may be taken twice. */
export async function gatherTypes(
  chosen: ChosenTypes,
  reserved: TakenNames,
): Promise<GatheredTypes> {
  const sources = chosen.files.filter(({ file }) => isTypeFile(file))
  const taken = new Map<string, Place>()
  const own: OwnType[] = []
  const broken = new Set<string>(chosen.refused)
  const diagnostics: Diagnostic[] = [...chosen.diagnostics]
  for (const source of sources) {
    const { type, nameAt, name, diagnostics: found } = await loadType(source)
    diagnostics.push(...found)
    const refused = name === null ? null : nameFault(name, nameAt, taken, reserved)
    if (refused) diagnostics.push(refused)
    if (name !== null) taken.set(name, taken.get(name) ?? nameAt)
    if (type && !refused) own.push({ type, file: source.file })
    else if (name !== null && !refused) broken.add(name)
  }
  return {
    types: new Map([...reserved.builtIn, ...own.map(({ type }) => [type.name, type] as const)]),
    own,
    broken,
    diagnostics,
    sources,
    others: chosen.others,
  }
}

/** What a playbook's loader gives, as far as types matter to it. */
interface WithTypes {
  readonly playbook: Playbook | null
  readonly diagnostics: readonly Diagnostic[]
}

/** A loaded playbook with what is wrong with the types beside it; their text is a part of what it was made from. */
export function withOwnTypes<Loaded extends WithTypes>(
  loaded: Loaded,
  { broken, diagnostics: ofTypes, sources, others }: GatheredTypes,
): Loaded {
  const { playbook, diagnostics } = loaded
  // A task whose type has mistakes of its own is not wrong for that, nor what names its registers.
  const tasks = diagnostics.filter(
    (each) =>
      broken.size === 0 || !(isUnknownField(each.code) || broken.has(unknownKeyOf(each) ?? '')),
  )
  const isBroken = ofTypes.some((each) => each.severity !== 'warning')
  return {
    ...loaded,
    playbook:
      playbook && !isBroken ? { ...playbook, sources: [...playbook.sources, ...sources] } : null,
    diagnostics: [...ofTypes, ...tasks.map((each) => withOthers(each, others))],
  }
}

/** An unknown key may be a slip for a type that was not loaded, for nothing names it. */
function withOthers(diagnostic: Diagnostic, others: readonly string[]): Diagnostic {
  const key = unknownKeyOf(diagnostic)
  const near = key && nearest(key, others)
  return near ? { ...diagnostic, hint: meantText(near) } : diagnostic
}

function isUnknownField(code: Code): boolean {
  return code === 'expression/unknown-field' || code === 'template/unknown-field'
}

/** The key of a task that is neither a keyword nor a type, as it stands at its place; null for any other mistake. */
function unknownKeyOf({ code, at }: Diagnostic): string | null {
  if (code !== 'task/unknown-key' || at?.source === undefined) return null
  const start = at.column - 1
  return at.source.slice(start, start + (at.width ?? 1)).replace(/^(['"])(.*)\1$/, '$2')
}

/** The type of one file, with the place of its name. */
async function loadType(source: TypeFile): Promise<{
  readonly type: AnyResourceType | null
  readonly name: string | null
  readonly nameAt: Place
  readonly diagnostics: readonly Diagnostic[]
}> {
  const { file, text } = source
  if (file.endsWith('.yaml')) {
    // Only who has such types waits for what reads them.
    const { compileManifest } = await import('../compile.ts')
    const compiled = compileManifest(file, text)
    return {
      ...compiled,
      name: compiled.type?.name ?? /^type: *["']?([\w.]+)/m.exec(text)?.[1] ?? null,
    }
  }
  const loaded = await loadTypeModule(source)
  const name = loaded.type?.name ?? /\bname\s*:\s*["']([\w.]+)["']/.exec(text)?.[1] ?? null
  return { ...loaded, name, nameAt: placeOf(file, text, name) }
}

function nameFault(
  name: string,
  at: Place,
  taken: ReadonlyMap<string, Place>,
  { builtIn, keywords }: TakenNames,
): Diagnostic | null {
  const before = taken.get(name)
  if (before)
    return {
      code: 'type/name',
      message: `there is a type '${name}' already, in ${placeText(before)}`,
      at,
      hint: 'rename one of the two',
    }
  if (builtIn.has(name))
    return {
      code: 'type/name',
      message: `'${name}' is a built-in type, and stays it`,
      at,
      hint: `call yours site.${name}`,
    }
  if (keywords.has(name))
    return {
      code: 'type/name',
      message: `'${name}' is a keyword of tasks`,
      at,
      hint: `call it site.${name}`,
    }
  return null
}
