import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Diagnostic, Place } from '../../model/diagnostic.ts'
import type { AnyResourceType } from '../../contract/resource.ts'
import { checkCases, type Case, type CaseFault } from '../cases.ts'
import { casesSchema } from '../case-schema.ts'
import { checkLocated } from '../../schema/check-located.ts'
import { parseYaml } from '../../source/located-yaml.ts'
import { plain, type Located, type LocatedMap } from '../../source/located.ts'
import { readText } from '../../files/read-file.ts'
import { typeFilesIn } from './type-files.ts'
import type { OwnType } from './load-types.ts'
import { offsetPlace, placeOf } from './type-places.ts'

/** What a type's cases say of it: how many they are, and each law that does not hold. */
export interface Checked {
  readonly cases: number
  readonly faults: readonly Diagnostic[]
}

/** Holds a type to the cases beside it and to the laws that the built-in types keep. */
export function checkType({ type, file }: OwnType): Checked {
  const laws = lawsOf(type, file)
  const path = casesOf(file)
  if (path === null)
    return {
      cases: 0,
      faults: [
        ...laws,
        {
          code: 'cases/none',
          message: `${type.name} has no cases`,
          at: { file, line: 1, column: 1, source: '' },
          hint: `write them into ${stemOf(file)}.cases.yaml: one where nothing differs, one where something does, one read that fails`,
        },
      ],
    }
  const { value, diagnostics } = parseYaml(path, textOf(path))
  const shape = value ? checkLocated(value, casesSchema) : []
  const broken = [...diagnostics, ...shape]
  if (!value || broken.length > 0)
    return {
      cases: 0,
      faults: [
        ...laws,
        ...(broken.length > 0
          ? broken
          : [
              {
                code: 'cases/none' as const,
                message: 'this file has no case',
                at: { file: path, line: 1, column: 1, source: '' },
                hint: 'write - name: …, params:, reads: and what follows from them',
              },
            ]),
      ],
    }
  const cases = plain(value) as unknown as readonly Case[]
  const faults = faultsOf(type, cases).map((each): Diagnostic => {
    const { param } = each
    if (param)
      return {
        code: param.code,
        message: `"${each.case}": ${param.message}`,
        at: paramAt(value, each.case, param.param),
        hint: param.hint ?? 'correct the case',
      }
    return {
      code: 'cases/law',
      message: each.case === '(all)' ? each.fault : `"${each.case}": ${each.fault}`,
      at: caseAt(value, each.case),
      hint: hintOf(each, path),
    }
  })
  return { cases: cases.length, faults: [...laws, ...faults] }
}

/** The file with the cases of a type: `motd.cases.yaml`, or `cases.yaml` where the type is alone in its folder. */
function casesOf(file: string): string | null {
  const own = join(dirname(file), `${stemOf(file)}.cases.yaml`)
  if (existsSync(own)) return own
  const shared = join(dirname(file), 'cases.yaml')
  return existsSync(shared) && typeFilesIn(dirname(file)).length === 1 ? shared : null
}

function stemOf(file: string): string {
  return basename(file).replace(/\.resource\.(?:yaml|ts|js)$/, '')
}

function faultsOf(type: AnyResourceType, cases: readonly Case[]): readonly CaseFault[] {
  try {
    return checkCases(type, cases)
  } catch {
    // The type itself threw: say in which cases.
    return cases.flatMap((each) => {
      try {
        checkCases(type, [each])
        return []
      } catch (error) {
        return [
          {
            case: each.name,
            fault: `the type throws ${(error as Error).name}: ${(error as Error).message}`,
          },
        ]
      }
    })
  }
}

function caseAt(located: Located, name: string): Place {
  return caseNamed(located, name)?.entries.get('name')!.value.at ?? located.at
}

/** Where a case writes a param. */
function paramAt(located: Located, name: string, param: string | undefined): Place {
  const params = caseNamed(located, name)?.entries.get('params')?.value
  const found = params?.kind === 'map' && param ? params.entries.get(param)?.value : undefined
  return found?.at ?? caseAt(located, name)
}

function caseNamed(located: Located, name: string): LocatedMap | null {
  const found =
    located.kind === 'list'
      ? located.items.find(
          (item) =>
            item.kind === 'map' &&
            item.entries.get('name')?.value.kind === 'scalar' &&
            plain(item.entries.get('name')!.value) === name,
        )
      : undefined
  return found?.kind === 'map' ? found : null
}

const hints: readonly (readonly [RegExp, string])[] = [
  [
    /^no (converged|drifted|failed-read|read|call) case exists/,
    'add one: `diff: {}` where nothing differs; `diff`, `does` and `then` where something does; `reads: { probe: { failed: denied } }` with `fails: read/denied`',
  ],
  [/no answer for the probe/, 'add the answer of that probe under `reads:`'],
  [
    /^it does \[/,
    'write these under `does:`, a list for each command and a map for any other action; or correct the change',
  ],
  [
    /^it fails with/,
    'correct what probe or observe make of the answers of the case, or say that it `fails:` so',
  ],
  [/is not asked/, 'take its answer out of the case, or correct when it is asked'],
  [
    /identity params alone/,
    '`read` has nothing else: what probe and observe need is marked `identity: true` or has a default',
  ],
  [
    /still differs/,
    'correct `then:` or the change: what is read afterwards must be what was wanted',
  ],
  [/what is read after the change/, 'add `then:` with the answers that differ afterwards'],
  [
    /does not say the same twice/,
    'a type knows no clock and no chance: the same readings mean the same',
  ],
  [/a secret shows/, 'give it on stdin, in the content of a write or in a body'],
  [/no change repairs/, 'add a change for that field, or one that refuses'],
]

function hintOf({ fault }: CaseFault, file: string): string {
  if (fault.startsWith('no case uses'))
    return `add a case to ${file} whose \`params:\` use it, and what follows from it`
  return hints.find(([form]) => form.test(fault))?.[1] ?? 'correct the case or the type'
}

const forbidden: readonly (readonly [RegExp, string, string])[] = [
  [
    /\btry\s*\{|\bcatch\s*[({]/,
    'it catches',
    'what is not known yet is said by a signal that only the engine catches: leave try and catch out',
  ],
  [
    /\.\.\.params\b|Object\.(?:entries|keys|values|assign)\(params\b/,
    'it spreads or lists its params',
    'name the params that are needed: one that is not known yet may not be touched',
  ],
  [
    /\bnew Date\b|\bDate\.|\bMath\.random\b|\bsetTimeout\b|\bsetInterval\b/,
    'it knows a clock or chance',
    'the same readings mean the same: let a probe read the time of the host',
  ],
  [
    /\basync\b|\bawait\s|\bPromise\b/,
    'it waits',
    'a type is asked and answers at once; drift that only time repairs is an `await` action',
  ],
  [
    /\bprocess\.|\bfetch\s*\(|\bglobalThis\b/,
    'it reaches out of itself',
    'what it needs from a host or a service is a probe',
  ],
]

/** The text of a file that was found; empty where it cannot be read, which fails the cases that it should hold. */
function textOf(path: string): string {
  const read = readText(path)
  return 'text' in read ? read.text : ''
}

/** The laws of types that no case shows. */
function lawsOf(type: AnyResourceType, file: string): readonly Diagnostic[] {
  if (file.endsWith('.yaml')) return []
  const text = textOf(file)
  const code = text.replace(
    // eslint-disable-next-line regexp/no-super-linear-move -- a source file of the user
    /\/\*[\s\S]*?\*\/|\/\/.*$|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`/gm,
    (passed) => passed.replace(/[^\n]/g, ' '),
  )
  const broken = forbidden.flatMap(([form, message, hint]): readonly Diagnostic[] => {
    const found = form.exec(code)
    return found
      ? [
          {
            code: 'cases/law',
            message,
            at: offsetPlace(file, text, found.index, found[0].length),
            hint,
          },
        ]
      : []
  })
  return /\.\s*$/.test(type.summary)
    ? broken
    : [
        ...broken,
        {
          code: 'cases/law',
          message: 'its summary is not a sentence with a full stop',
          at: placeOf(file, text, /\bsummary\b/),
          hint: 'write what is true on a host that has it',
        },
      ]
}
