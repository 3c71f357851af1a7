import { type Call, fail, type LabCommand, ok, type Output, parse } from './command.ts'

interface Thing {
  readonly kind: 'ConfigMap' | 'Secret'
  readonly plural: string
  readonly name: string
  readonly namespace: string
  readonly data: Readonly<Record<string, string>>
}

const kinds: Readonly<Record<string, Pick<Thing, 'kind' | 'plural'>>> = {
  configmap: { kind: 'ConfigMap', plural: 'configmaps' },
  configmaps: { kind: 'ConfigMap', plural: 'configmaps' },
  cm: { kind: 'ConfigMap', plural: 'configmaps' },
  secret: { kind: 'Secret', plural: 'secrets' },
  secrets: { kind: 'Secret', plural: 'secrets' },
}

function kubectl(call: Call): Output {
  const options = parse(
    call.args,
    'n= namespace= o= output= ignore-not-found? kubeconfig= context= request-timeout= client short A all-namespaces',
  )
  if (options.wrong)
    return fail(
      1,
      `error: ${options.wrong.replace(/^unrecognized option/, 'unknown flag:')}\nSee 'kubectl --help' for usage.\n`,
    )
  const [verb, first = '', second] = options.operands
  if (verb === 'version')
    return ok('Client Version: version.Info{Major:"1", Minor:"22", GitVersion:"v1.22.13"}\n')
  if (verb !== 'get') return fail(1, `error: unknown command "${verb ?? ''}" for "kubectl"\n`)
  const [kindText, name] = first.includes('/')
    ? (first.split('/', 2) as [string, string])
    : [first, second]
  const kind = kinds[kindText]
  if (!kind) return fail(1, `error: the server doesn't have a resource type "${kindText}"\n`)
  if (name === undefined)
    return fail(1, 'error: the rehearsal lab reads one ConfigMap or Secret by its name\n')
  const namespace = options.value('n', 'namespace') ?? 'default'
  const { kubernetes } = call.machine.world
  const data =
    kind.kind === 'ConfigMap'
      ? kubernetes.configMap(namespace, name)
      : encoded(kubernetes.secret(namespace, name))
  if (!data) {
    const ignores = options.has('ignore-not-found') && options.value('ignore-not-found') !== 'false'
    return ignores
      ? ok()
      : fail(1, `Error from server (NotFound): ${kind.plural} "${name}" not found\n`)
  }
  return shown({ ...kind, name, namespace, data }, options.value('o', 'output'))
}

function encoded(
  data: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> | undefined {
  return (
    data &&
    Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
    )
  )
}

function shown(thing: Thing, format: string | undefined): Output {
  const keys = Object.keys(thing.data).sort()
  const object = {
    apiVersion: 'v1',
    data: Object.fromEntries(keys.map((key) => [key, thing.data[key]])),
    kind: thing.kind,
    metadata: { name: thing.name, namespace: thing.namespace, resourceVersion: '1' },
    ...(thing.kind === 'Secret' ? { type: 'Opaque' } : {}),
  }
  if (format === undefined)
    return ok(
      thing.kind === 'Secret'
        ? `NAME${' '.repeat(Math.max(1, thing.name.length - 1))}TYPE     DATA   AGE\n${thing.name}   Opaque   ${keys.length}      30d\n`
        : `NAME${' '.repeat(Math.max(1, thing.name.length - 1))}DATA   AGE\n${thing.name}   ${keys.length}      30d\n`,
    )
  if (format === 'json') return ok(`${JSON.stringify(object, null, 4)}\n`)
  if (format === 'name') return ok(`${thing.kind.toLowerCase()}/${thing.name}\n`)
  if (format === 'yaml')
    return ok(
      `apiVersion: v1\ndata:\n${keys.map((key) => `  ${key}: ${scalar(thing.data[key]!)}\n`).join('')}kind: ${thing.kind}\nmetadata:\n  name: ${thing.name}\n  namespace: ${thing.namespace}\n  resourceVersion: "1"\n${thing.kind === 'Secret' ? 'type: Opaque\n' : ''}`,
    )
  const path = /^jsonpath=(.*)$/s.exec(format)?.[1]
  if (path === undefined)
    return fail(
      1,
      `error: unable to match a printer suitable for the output format "${format}", allowed formats are: custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,name,template,templatefile,wide,yaml\n`,
    )
  return jsonPath(path, object)
}

// Lines are a block, as kubectl writes them; a text that YAML would read as something else is quoted.
function scalar(text: string): string {
  if (!text.includes('\n'))
    return /^[A-Za-z/][\w./+=@-]*$/.test(text) &&
      !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text)
      ? text
      : JSON.stringify(text)
  const lines = text.replace(/\n$/, '').split('\n')
  const block = lines.map((line) => (line === '' ? '' : `    ${line}`)).join('\n')
  return `|${text.endsWith('\n') ? '' : '-'}\n${block}`
}

/** As much of kubectl's JSONPath as names one value: texts, `{"\n"}`, `.a.b`, `\.` within a name, `['a.b']`. What is not there prints nothing. */
function jsonPath(template: string, object: unknown): Output {
  let out = ''
  for (let i = 0; i < template.length;) {
    if (template[i] !== '{') {
      out += template[i++]
      continue
    }
    const end = closing(template, i)
    if (end < 0) return fail(1, `error: error parsing jsonpath ${template}, unclosed action\n`)
    const inside = template.slice(i + 1, end).trim()
    i = end + 1
    if (/^["']/.test(inside)) out += inside.slice(1, -1).replace(/\\n/g, '\n').replace(/\\t/g, '\t')
    else {
      const value = steps(inside).reduce<unknown>(
        (at, step) =>
          typeof at === 'object' && at !== null && Object.hasOwn(at, step)
            ? (at as Record<string, unknown>)[step]
            : undefined,
        object,
      )
      out += value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value)
    }
  }
  return ok(out)
}

function closing(template: string, from: number): number {
  let quote: string | null = null
  for (let i = from + 1; i < template.length; i++) {
    const letter = template[i]!
    if (quote) quote = letter === quote ? null : quote
    else if (letter === '"' || letter === "'") quote = letter
    else if (letter === '}') return i
  }
  return -1
}

function steps(path: string): string[] {
  return [
    ...path.replace(/^\$/, '').matchAll(/\.((?:\\.|[^.[\]\\])+)|\[['"]([^'"]+)['"]\]|\[(\d+)\]/g),
  ].map((match) => (match[1] ?? match[2] ?? match[3]!).replace(/\\(.)/g, '$1'))
}

/** kubectl of a management node. */
export const kubectlCommands: readonly LabCommand[] = [
  { names: ['kubectl'], package: 'kubectl', run: kubectl },
]
