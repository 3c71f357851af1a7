import type { Change, ExecAction, HttpAction } from './change.ts'
import type { ProbeMap, Readings, Seen } from './probe.ts'
import type { Params, ParamsSchema } from './param-schema.ts'
import type { Diff, Observed, StateSchema, Wanted } from './state.ts'

/** Read back until the diff is empty, for changes that take time. */
export interface Settle<F, P> {
  /** Seconds after which it fails with the last diff. */
  readonly for: number | ((params: P) => number)
  /** Seconds between two readings. */
  readonly every: number | ((params: P) => number)
  /** How far it is, for the task's line. */
  progress(current: Observed<F>): string
}

/** What is wrong with a param, and what to type instead. */
export interface ParamFault {
  readonly message: string
  readonly hint: string
}

/**
 * A resource type: data and four pure functions. It reaches no host, clock or file, and never learns whether a run is a
 * plan. No function may use try/catch or spread its params: a param that is not known yet throws a signal that only the
 * engine catches, and reading one is what asks for it.
 */
export interface ResourceType<
  S extends ParamsSchema = ParamsSchema,
  M extends ProbeMap = ProbeMap,
  F extends StateSchema = StateSchema,
> {
  /** As playbooks write it: `package`, `rbd_map`, or `site.name` for one's own. */
  readonly name: string
  /** What it makes true, in one sentence. */
  readonly summary: string
  /** The page and step of the procedure it serves, or the manual it follows. */
  readonly source?: string
  readonly params: S
  readonly state: F
  /**
   * What a schema cannot tell to be wrong, by the param that is to blame: the fault, or null. Called when a playbook is loaded, as
   * far as the params that it reads are known, and again when they are rendered. It says nothing of the host.
   */
  readonly checks?: {
    readonly [P in keyof S['properties']]?: (params: Params<S>) => ParamFault | null
  }
  /** The state field that the report shows as text (`print`). */
  readonly shows?: string
  /** Values of the param `state` that are events, allowed in handlers only. */
  readonly events?: readonly string[]
  /** What to read. Called again with what was seen until it asks for nothing new, three rounds at most. */
  probe(params: Params<S>, seen: Seen): M
  /** What the readings mean, in canonical form. */
  observe(readings: Readings<M>, params: Params<S>): Observed<F>
  /** What is wanted. Absent: the type is read-only. Asked once, before the change: the read-back is held against the same wish. */
  desire?(params: Params<S>, current: Observed<F>): Wanted<F>
  /** How the drift is repaired, in order. */
  change?(
    diff: Diff<F>,
    params: Params<S>,
    current: Observed<F>,
  ): readonly Change<Extract<keyof F, string>>[]
  readonly settle?: Settle<F, Params<S>>
  /** Its changes may boot the host: where a plan cannot tell whether they do, all behind it is unknown too. */
  readonly boots?: true
  /**
   * A change of it may destroy something: any (`true`), or those that the named values of its param `state` ask for. A plan that does not
   * know yet what a task will do counts it by this.
   */
  readonly destroys?: true | readonly string[]
  /**
   * The one call of a type that has no state (`command`, `http`), for `run`. Its output goes to `observe` as the reading
   * `call`, which is also the name of the probe that the other verbs use.
   */
  act?(params: Params<S>): ExecAction | HttpAction
  /**
   * Of a type with a call: why what came back is a failure and not an answer, or null. It ends a `read`, whose register would else be
   * taken for an answer; the other verbs compare.
   */
  unanswered?(current: Observed<F>, params: Params<S>): ParamFault | null
}

/** A type whose generics no longer matter: what playbooks, the engine and the manual hold. */
export type AnyResourceType = Omit<
  ResourceType,
  'probe' | 'observe' | 'desire' | 'change' | 'settle' | 'act' | 'checks' | 'unanswered'
> & {
  probe(params: any, seen: Seen): ProbeMap
  observe(readings: any, params: any): any
  desire?(params: any, current: any): any
  change?(diff: any, params: any, current: any): readonly Change[]
  readonly settle?: Settle<any, any>
  readonly checks?: { readonly [param: string]: ((params: any) => ParamFault | null) | undefined }
  act?(params: any): ExecAction | HttpAction
  unanswered?(current: any, params: any): ParamFault | null
}

/** Define a resource type; the TypeScript types of params, readings and state come from what is written. */
export function defineResource<
  const S extends ParamsSchema,
  M extends ProbeMap,
  const F extends StateSchema,
>(type: ResourceType<S, M, F>): AnyResourceType {
  return type as unknown as AnyResourceType
}

/** Whether a task of a type may destroy something; `state` is its param of that name, undefined where it is not known. */
export function mayDestroy({ destroys }: AnyResourceType, state: unknown): boolean {
  if (destroys === undefined || destroys === true) return destroys === true
  return state === undefined || destroys.includes(String(state))
}

/** A type whose state can be made true: `ensure` works with it. */
export type RepairableType = AnyResourceType & Required<Pick<AnyResourceType, 'desire' | 'change'>>

/** A type that makes a call: `run` works with it. */
export type CallableType = AnyResourceType & Required<Pick<AnyResourceType, 'act'>>

/** Whether `ensure` works with a type; others can only be read (`read`, `require`, `wait`). */
export function isRepairable(type: AnyResourceType): type is RepairableType {
  return type.desire !== undefined && type.change !== undefined
}

/** Whether `run` works with a type. */
export function isCallable(type: AnyResourceType): type is CallableType {
  return type.act !== undefined
}

/** Whether a type can only be read (`read`, `require`, `wait`). */
export function isReadOnly(type: AnyResourceType): boolean {
  return !isRepairable(type)
}
