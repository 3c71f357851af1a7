import type { Code } from '../model/codes.ts'
import { createHash } from 'node:crypto'
import type { Playbook } from '../model/playbook.ts'
import { DiagnosticError } from '../model/diagnostic.ts'
import { durationText } from '../text/duration.ts'
import { redactAll, Secret } from '../contract/secret.ts'
import { canonical, type Value } from '../contract/value.ts'
import { madeLimit, readText } from '../files/read-file.ts'
import { unwritable, writeWhole } from '../files/write-file.ts'
import { distrust, type Trust } from '../files/trust.ts'
import type { InventoryFile } from '../model/inventory-text.ts'
import type { PlannedEntry, PlanPromise } from '../model/plan.ts'

/** Another version of the format is not read: what it promised cannot be known. */
const version = 2

/** A saved plan: everything that it was made from, and what it shows. Secrets stand in it by name only. */
export interface PlanFile {
  readonly format: 'trueup-plan'
  readonly version: number
  readonly trueup: string
  /** ISO time at which it was made. */
  readonly made: string
  readonly playbook: {
    readonly file: string
    readonly title: string
    readonly sources: readonly {
      readonly file: string
      readonly sha256: string
      readonly text: string
    }[]
  }
  /** Empty: this machine alone. */
  readonly inventory: readonly InventoryFile[]
  readonly inputs: Readonly<Record<string, Value>>
  /** Inputs that are secret: they are given again when the plan is applied. */
  readonly secretInputs: readonly string[]
  readonly limit: string | null
  readonly tags: readonly string[] | null
  readonly skipTags: readonly string[] | null
  readonly entries: readonly PlannedEntry[]
  /** Digest of all the rest, so that an approved plan is not edited by mistake. It is not a signature. */
  readonly seal: string
}

/** What a plan is made of, before it is written. */
export type PlanDraft = Omit<
  PlanFile,
  'format' | 'version' | 'playbook' | 'inputs' | 'secretInputs' | 'seal'
> & { readonly source: Playbook }

/** Throws DiagnosticError where a plan could not be written to a path in the end: better now than after all hosts were asked. */
export function checkWritable(path: string): void {
  const why = unwritable(path)
  if (why !== null) throw notWritten(path, why)
}

/** Writes a saved plan for its owner alone, in one step. */
export function writePlan(path: string, { source, ...draft }: PlanDraft): void {
  const secret = Object.keys(source.inputs).filter((name) => source.inputs[name] instanceof Secret)
  const open: Omit<PlanFile, 'seal'> = {
    format: 'trueup-plan',
    version,
    ...draft,
    entries: redactAll(draft.entries),
    playbook: {
      file: source.file,
      title: source.title,
      sources: source.sources.map(({ file, text }) => ({ file, sha256: hash(text), text })),
    },
    inputs: Object.fromEntries(
      Object.entries(source.inputs).filter(([name]) => !secret.includes(name)),
    ),
    secretInputs: secret,
  }
  const plan: PlanFile = { ...open, seal: sealOf(open) }
  const why = writeWhole(path, `${JSON.stringify(plan, null, 1)}\n`)
  if (why !== null) throw notWritten(path, why)
}

function notWritten(path: string, why: string): DiagnosticError {
  return new DiagnosticError({
    code: 'plan/not-written',
    message: `the plan cannot be written to ${path}: ${why}`,
    hint: 'name a file in a folder that you may write to',
  })
}

/** Reads a saved plan; `seen` gets the very text that was read. Throws DiagnosticError when the file is not a plan, was edited, is too old, or could have been written by another user. */
export function readPlan(
  path: string,
  now: number,
  maxAge: number,
  trust: Trust,
  seen: (text: string) => void = () => undefined,
): PlanFile {
  const plan = parse(path, trust, seen)
  const { seal, ...open } = plan
  if (seal !== sealOf(open))
    throw wrong('plan/edited', `${path} was edited: it is not what was planned`)
  const age = (now - Date.parse(plan.made)) / 1000
  if (!(age <= maxAge))
    throw wrong(
      'plan/too-old',
      `${path} was made ${durationText(age)} ago, and plans are kept for ${durationText(maxAge)}`,
      'make a new plan, or allow its age with --max-age',
    )
  return plan
}

/** What a run may do by a plan. */
export function promiseOf(plan: PlanFile): PlanPromise {
  const key = (play: number, task: string, host: string, item: number | null): string =>
    `${play} ${task} ${item ?? '-'} ${host}`
  const entries = new Map(
    plan.entries.map((entry) => [key(entry.play, entry.task, entry.host, entry.item), entry]),
  )
  return { entry: (play, task, host, item) => entries.get(key(play, task, host, item)) }
}

function parse(path: string, trust: Trust, seen: (text: string) => void): PlanFile {
  const others = distrust(trust, 'the plan', path)
  if (others) throw new DiagnosticError(others)
  const read = readText(path, madeLimit)
  if ('code' in read)
    throw wrong(
      'plan/not-read',
      `the plan ${path} cannot be read: ${read.words}`,
      'name a file that `trueup plan PLAYBOOK -o FILE` wrote',
    )
  const { text } = read
  seen(text)
  let plan: Partial<PlanFile> | null
  try {
    plan = JSON.parse(text) as Partial<PlanFile> | null
  } catch {
    plan = null
  }
  if (plan?.format !== 'trueup-plan')
    throw wrong(
      'plan/not-a-plan',
      `${path} is not a saved plan`,
      'name a file that `trueup plan PLAYBOOK -o FILE` wrote',
    )
  if (plan.version !== version)
    throw wrong(
      'plan/version',
      `${path} has the format of version ${String(plan.version)}, and this trueup reads ${version}`,
    )
  const whole =
    typeof plan.made === 'string' &&
    Array.isArray(plan.entries) &&
    Array.isArray(plan.inventory) &&
    Array.isArray(plan.playbook?.sources) &&
    typeof plan.inputs === 'object'
  if (!whole) throw wrong('plan/not-a-plan', `${path} is not whole`)
  return plan as PlanFile
}

function sealOf(open: Omit<PlanFile, 'seal'>): string {
  // The digest is over what will be read back: without what JSON omits or masks.
  return hash(canonical(JSON.parse(JSON.stringify(open))))
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function wrong(code: Code, message: string, hint = 'make a new plan'): DiagnosticError {
  return new DiagnosticError({ code, message, hint })
}
