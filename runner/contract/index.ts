// What a resource type outside of this package may import, as `trueup/contract`. It is the contract and nothing else: no
// file, no host, no clock.
export {
  exec,
  refuse,
  type Action,
  type AttributesAction,
  type Change,
  type Effect,
  type ExecAction,
  type FetchAction,
  type HttpAction,
  type LinkAction,
  type ProduceAction,
  type RemoveAction,
  type UnpackAction,
  type UploadAction,
  type WriteAction,
} from './change.ts'
export { durationText, parseDuration } from '../text/duration.ts'
export { parseJson } from './json.ts'
export { Matcher, not } from './matcher.ts'
export { parseMode } from '../text/mode.ts'
export {
  ask,
  get,
  sha256,
  stat,
  text,
  type Probe,
  type ProbeMap,
  type Readings,
  type Seen,
} from './probe.ts'
export {
  defineResource,
  type AnyResourceType,
  type ParamFault,
  type ResourceType,
  type Settle,
} from './resource.ts'
export type {
  FolderEntry,
  LocalFile,
  LocalFolder,
  ParamCondition,
  Params,
  ParamSchema,
  ParamsSchema,
} from './param-schema.ts'
export { Secret } from './secret.ts'
export { parseSize, sizeText } from '../text/size.ts'
export type { Diff, Observed, StateField, StateSchema, Wanted } from './state.ts'
export { invalid, unclear } from './reject.ts'
export { isMap, type Value, type ValueMap } from './value.ts'
export { parseXname } from '../text/xname.ts'
