import type { Diagnostic } from '../../model/diagnostic.ts'
import { durationText } from '../../text/duration.ts'
import type { Inventory } from '../../model/host.ts'
import type { Connections } from '../../model/session.ts'
import { canonical } from '../../contract/value.ts'
import type { InventoryFile } from '../../model/inventory-text.ts'
import { readInventoryFiles } from '../inventory-files.ts'
import {
  buildBeforeSources,
  buildInventory,
  type LoadedInventory,
  type LoadOptions,
} from '../load-inventory.ts'
import { distrust, type Trust } from '../../files/trust.ts'
import { commandOf } from '../programs.ts'
import { sourcesIn } from '../read.ts'
import { holdsSecret, type AnswerCache, type CachedAnswer } from './cache.ts'
import { askCsm } from './csm-ask.ts'
import { parseJson } from './located-json.ts'
import { listWith, type ProgramWorld } from './inventory-program.ts'
import { printedName, type CsmQuestion, type Source } from './source.ts'

/** How sources are asked. */
export interface Asking {
  readonly now: () => number
  readonly cache: AnswerCache
  /** `cached`: what was read last is used, however old it is; `asked`: the cache is not used. Else the age that a source allows decides. */
  readonly use?: 'cached' | 'asked'
  /** The user named the inventory. No program of a folder that was only found is run. */
  readonly isNamed: boolean
  readonly world: ProgramWorld
  /** Whose programs are run. */
  readonly trust: Trust
  /** Connections to the services of the files; each is closed behind the last question. */
  connect(inventory: Inventory, warn: (diagnostic: Diagnostic) => void): Connections
}
/** How one source was read. */
export interface SourceRead {
  readonly path: string
  readonly kind: 'program' | 'csm'
  /** Milliseconds since the epoch at which it was asked. */
  readonly at: number
  readonly cached: boolean
}
/** What the sources of some files answered, as files of their own. */
interface Gathered {
  readonly answers: readonly InventoryFile[]
  readonly reads: readonly SourceRead[]
  readonly diagnostics: readonly Diagnostic[]
  /** Put what was asked into the cache; done when an inventory could be made of it. */
  readonly keep: readonly (() => readonly Diagnostic[])[]
}

type Reply =
  | { readonly text: string; readonly diagnostics: readonly Diagnostic[] }
  | { readonly text: null; readonly diagnostics: readonly Diagnostic[] }

/** An inventory, the files and answers that it was built of, and how its sources were read. */
export interface AskedInventory extends LoadedInventory {
  readonly files: readonly InventoryFile[]
  readonly reads: readonly SourceRead[]
}

/** Characters of a line of a program that are shown. */
const longestLine = 300

/** Errors about names that the sources may still supply: before they are asked, these do not count. */
const later: ReadonlySet<string> = new Set(['inventory/no-host', 'inventory/no-group'])

/** Loads the inventory that paths make together, asking its sources. Where one fails, what is wrong in the files is said beside it. */
export async function loadAsking(
  paths: readonly string[],
  asking: Asking,
  options: LoadOptions = {},
): Promise<AskedInventory> {
  const { files, diagnostics } = readInventoryFiles(paths)
  if (sourcesIn(files).length === 0)
    return { ...buildInventory(files, options, diagnostics), files, reads: [] }
  const gathered = await gatherAnswers(files, asking, options)
  if (gathered.diagnostics.some(isError))
    return {
      inventory: null,
      diagnostics: [...diagnostics, ...gathered.diagnostics],
      files,
      reads: gathered.reads,
    }
  const whole = [...files, ...gathered.answers]
  const built = buildInventory(whole, options, [...diagnostics, ...gathered.diagnostics])
  return {
    inventory: built.inventory,
    diagnostics: [
      ...built.diagnostics,
      ...(built.inventory ? gathered.keep.flatMap((keep) => keep()) : []),
    ],
    files: whole,
    reads: gathered.reads,
  }
}

/** Asks the sources that files name, all at once; or takes from the cache what is not too old. Stale answers are used only where that was asked for. */
async function gatherAnswers(
  files: readonly InventoryFile[],
  asking: Asking,
  options: LoadOptions,
): Promise<Gathered> {
  const sources = sourcesIn(files)
  const before = buildBeforeSources(files, options)
  const inFiles = before.diagnostics.filter((each) => !later.has(each.code))
  const wrong = inFiles.some(isError) ? inFiles : missingServices(before, sources)
  // An inventory with errors does not decide which services are asked.
  if (wrong.length > 0 || !before.inventory) return unanswered(wrong)
  const { inventory } = before
  const warnings: Diagnostic[] = []
  const connections = asking.connect(inventory, (diagnostic) => warnings.push(diagnostic))
  try {
    const gathered = await Promise.all(
      sources.map((source) => gatherOne(source, asking, inventory, connections)),
    )
    return {
      answers: gathered.flatMap((each) => each.answers),
      reads: gathered.flatMap((each) => each.reads),
      diagnostics: [...gathered.flatMap((each) => each.diagnostics), ...warnings],
      keep: gathered.flatMap((each) => each.keep),
    }
  } finally {
    await connections.closeAll()
  }
}

function isError({ severity }: Diagnostic): boolean {
  return severity !== 'warning'
}

async function gatherOne(
  source: Source,
  asking: Asking,
  inventory: Inventory,
  connections: Connections,
): Promise<Gathered> {
  const { cache, now, use } = asking
  const key = canonical({
    path: source.path,
    asks: { ...source.asks, pathAt: null },
    services: source.asks.kind === 'csm' ? servicesOf(inventory, source.asks) : null,
  })
  const kept = cache.read(key)
  const age = kept ? Math.max(0, (now() - kept.at) / 1000) : Infinity
  if (kept && use !== 'asked' && (use === 'cached' || (source.maxAge > 0 && age <= source.maxAge)))
    return answered(source, kept, true, [])
  if (source.asks.kind === 'program' && !asking.isNamed) {
    return unanswered([
      {
        code: 'inventory/program-unnamed',
        message: `${source.asks.path} is a program, and was not run: programs run only when -i names them or their folder`,
        at: source.at,
        hint: 'name the folder: -i inventory',
      },
    ])
  }
  const at = now()
  const { text, diagnostics } =
    source.asks.kind === 'program'
      ? await askProgram(source, source.asks, asking)
      : await askServices(source, source.asks, connections, asking)
  if (text === null)
    return unanswered(kept ? diagnostics.map((each) => withCache(each, age)) : diagnostics)
  return {
    ...answered(source, { at, text }, false, diagnostics),
    keep: [() => keepAnswer(source, key, { at, text }, cache)],
  }
}

function unanswered(diagnostics: readonly Diagnostic[]): Gathered {
  return { answers: [], reads: [], diagnostics, keep: [] }
}

function servicesOf(inventory: Inventory, { hsm, sls }: CsmQuestion): readonly (string | null)[] {
  return [hsm, sls].flatMap((name) => {
    const service = name === null ? undefined : inventory.services.get(name)
    return service ? [service.url, service.via ?? null] : [null]
  })
}

function answered(
  source: Source,
  { at, text }: CachedAnswer,
  cached: boolean,
  diagnostics: readonly Diagnostic[],
): Gathered {
  const { kind } = source.asks
  return {
    answers: [
      {
        path: source.path,
        text,
        about: { kind: 'answer', form: kind === 'csm' ? 'csm' : 'ansible', at },
      },
    ],
    reads: [{ path: source.path, kind, at, cached }],
    diagnostics,
    keep: [],
  }
}

/** Keeps an answer for later commands, unless it holds a secret: the cache holds none. */
function keepAnswer(
  source: Source,
  key: string,
  answer: CachedAnswer,
  cache: AnswerCache,
): readonly Diagnostic[] {
  if (holdsSecret(answer.text)) {
    if (source.maxAge === 0) return []
    return [
      {
        code: 'inventory/not-cached',
        message: 'the answer is not cached: it seems to hold a secret, and the cache holds none',
        at: source.at,
        hint: 'print where the secret comes from: { "file": PATH }',
        severity: 'warning',
      },
    ]
  }
  const fault = cache.write(key, answer)
  return fault === null
    ? []
    : [
        {
          code: 'inventory/not-cached',
          message: `the answer could not be cached: ${fault}`,
          at: source.at,
          hint: 'repair the folder, or name another one with XDG_CACHE_HOME',
          severity: 'warning',
        },
      ]
}

async function askProgram(
  source: Source,
  asks: Extract<Source['asks'], { kind: 'program' }>,
  asking: Asking,
): Promise<Reply> {
  // Who could have written the file that names it could have it run as well.
  const others =
    distrust(asking.trust, 'the inventory program', asks.path) ??
    distrust(asking.trust, 'the inventory', source.path)
  if (others) return { text: null, diagnostics: [{ at: asks.pathAt, ...others }] }
  const command = commandOf(asks.path)
  if ('fault' in command)
    return {
      text: null,
      diagnostics: [
        { code: 'inventory/source', message: command.fault, at: asks.pathAt, hint: command.hint },
      ],
    }
  const { text, stderr, fault } = await listWith(command, source.timeout, asking.world)
  const said = lastLines(stderr)
  if (fault !== null) {
    const hint = fault.startsWith('it did not end')
      ? 'see why, or allow more: source: { kind: program, path: PATH, timeout: 5m }'
      : `try it: ${asks.path} --list`
    return {
      text: null,
      diagnostics: [
        {
          code: 'inventory/program-failed',
          message: `${asks.path}: ${fault}${said === '' ? '' : `; it said:\n${said}`}`,
          at: source.at,
          hint,
        },
      ],
    }
  }
  const { diagnostics } = parseJson(printedName(asks.path), text, { raw: true })
  if (diagnostics.length > 0)
    return {
      text: null,
      diagnostics: diagnostics.map((each) =>
        said === '' ? each : { ...each, message: `${each.message}; it also said:\n${said}` },
      ),
    }
  const heard: Diagnostic[] =
    said === ''
      ? []
      : [
          {
            code: 'inventory/program-said',
            message: `${asks.path} said:\n${said}`,
            severity: 'warning',
            hint: 'the inventory was read all the same; a program that writes only its answer causes no warning',
          },
        ]
  return { text, diagnostics: heard }
}

/** The end of what a program said, in lines that can be read. */
function lastLines(stderr: string): string {
  const lines = stderr.trim().split('\n').slice(-20)
  return lines
    .map((line) => (line.length > longestLine ? `${line.slice(0, longestLine)}…` : line))
    .join('\n')
}

async function askServices(
  source: Source,
  question: CsmQuestion,
  connections: Connections,
  { world }: Asking,
): Promise<Reply> {
  const answer = await askCsm(source, question, connections, world.signal)
  return typeof answer === 'string'
    ? { text: answer, diagnostics: [] }
    : { text: null, diagnostics: answer }
}

function withCache(diagnostic: Diagnostic, age: number): Diagnostic {
  const message = `${diagnostic.message} (what it answered ${durationText(age)} ago is kept)`
  return {
    ...diagnostic,
    message,
    hint: `${diagnostic.hint === undefined ? '' : `${diagnostic.hint}; or `}use what is kept: --cached-inventory`,
  }
}

/** The services that sources ask and that are not there, or not yet: a host that only a source knows cannot lead to it. */
function missingServices(
  { inventory, diagnostics }: LoadedInventory,
  sources: readonly Source[],
): readonly Diagnostic[] {
  return sources.flatMap(({ asks, at }) => {
    if (asks.kind !== 'csm') return []
    return (
      [
        ['hsm', asks.hsm],
        ['sls', asks.sls],
      ] as const
    ).flatMap(([key, name]): readonly Diagnostic[] => {
      if (name === null || !inventory || inventory.services.has(name)) return []
      const why = diagnostics.find((each) => each.code === 'inventory/no-host')
      if (why)
        return [
          {
            ...why,
            hint: 'write the host through which the source is asked in an inventory file: hosts: { ncn-m001: { address: 10.252.1.4 } }',
          },
        ]
      return [
        {
          code: 'inventory/source-service',
          message: `the source asks the service '${name}', which the inventory does not have`,
          at,
          hint: `add it under services: in this file or another, or name another: source: { kind: csm, ${key}: NAME }`,
        },
      ]
    })
  })
}
