import type { Code } from './codes.ts'

/**
 * What an error is about. `read`: something could not be read. `refused`: a repair that its type does not make. `guard`: the state moved
 * before an action. `plan`: a saved plan does not show it. `task`: the task itself failed. `undone`: another task was undone. `lost`: it is not
 * known whether an action was done. `interrupted`: the run was ended. `connection`: a host or service could not be used. `input`: what a
 * person wrote is wrong. `defect`: trueup or a type is at fault.
 */
export type ErrorKind =
  | 'read'
  | 'refused'
  | 'guard'
  | 'plan'
  | 'task'
  | 'undone'
  | 'lost'
  | 'interrupted'
  | 'connection'
  | 'input'
  | 'defect'

type Area = Code extends `${infer A}/${string}` ? A : never

const byArea: Readonly<Record<Area, ErrorKind>> = {
  action: 'task',
  advice: 'input',
  become: 'connection',
  cases: 'input',
  cli: 'input',
  config: 'input',
  connect: 'connection',
  doctor: 'task',
  expression: 'input',
  guard: 'guard',
  include: 'input',
  input: 'input',
  internal: 'defect',
  inventory: 'input',
  lab: 'input',
  manifest: 'input',
  param: 'input',
  plan: 'plan',
  play: 'input',
  playbook: 'input',
  read: 'read',
  run: 'task',
  schema: 'input',
  sign: 'input',
  task: 'input',
  template: 'input',
  trust: 'input',
  type: 'defect',
  yaml: 'input',
}

/** Codes that are of another kind than the rest of their area. */
const exceptions: { readonly [C in Code]?: ErrorKind } = {
  'action/lost': 'lost',
  'run/interrupted': 'interrupted',
  'run/limit': 'input',
  'run/no-log': 'input',
  'run/refused': 'refused',
  'run/undone': 'undone',
}

/** The kind of an error, by its code. */
export function kindOf(code: Code): ErrorKind {
  return exceptions[code] ?? byArea[code.slice(0, code.indexOf('/')) as Area]
}
