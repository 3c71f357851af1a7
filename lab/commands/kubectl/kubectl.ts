import {
  type Call,
  fail,
  type LabCommand,
  ok,
  type Output,
  parse,
  type Parsed,
} from '../command.ts'
import { drainNode, setSchedulable } from './drain-node.ts'
import { findAll, findOne, isOutput, targetOf } from './find-objects.ts'
import { rollOut } from './roll-out.ts'
import { showObjects } from './show-objects.ts'
import { deleteObject, makeObjects, patchObject } from './write-objects.ts'

const knownOptions = [
  'n= namespace= o= output= ignore-not-found? kubeconfig= context= request-timeout= client short',
  'A all-namespaces l= selector= field-selector= show-managed-fields? no-headers?',
  'p= patch= patch-file= type= f= filename= field-manager= server-side? force-conflicts?',
  'ignore-daemonsets? delete-emptydir-data? force? timeout= grace-period= wait? cascade=',
].join(' ')

async function kubectl(call: Call): Promise<Output> {
  const options = parse(call.args, knownOptions)
  if (options.wrong)
    return fail(
      1,
      `error: ${options.wrong.replace(/^unrecognized option/, 'unknown flag:')}\nSee 'kubectl --help' for usage.\n`,
    )
  const [verb, ...operands] = options.operands
  switch (verb) {
    case 'version':
      return ok('Client Version: version.Info{Major:"1", Minor:"22", GitVersion:"v1.22.13"}\n')
    case 'get':
      return getObjects(call, operands, options)
    case 'patch':
      return patchObject(call, operands, options)
    case 'create':
    case 'apply':
      return makeObjects(call, verb, options)
    case 'delete':
      return deleteObject(call, operands, options)
    case 'rollout':
      return rollOut(call, operands, options)
    case 'cordon':
    case 'uncordon':
      return setSchedulable(call, verb, operands, options)
    case 'drain':
      return drainNode(call, operands, options)
    default:
      return fail(1, `error: unknown command "${verb ?? ''}" for "kubectl"\n`)
  }
}

function getObjects(call: Call, operands: readonly string[], options: Parsed): Output {
  const target = targetOf(operands, options)
  if (isOutput(target)) return target
  const isOne = target.name !== undefined
  const found = isOne ? findOne(call, target) : findAll(call, target, options)
  if (isOutput(found)) {
    const ignores = options.has('ignore-not-found') && options.value('ignore-not-found') !== 'false'
    return isOne && ignores ? ok() : found
  }
  const objects = Array.isArray(found) ? found : [found]
  const format = options.value('o', 'output')
  if (!isOne && objects.length === 0 && (format === undefined || format === 'wide'))
    return ok(
      '',
      target.namespace === null
        ? 'No resources found\n'
        : `No resources found in ${target.namespace} namespace.\n`,
    )
  return showObjects(target.kind, objects, {
    format,
    isOne,
    allNamespaces: options.has('A', 'all-namespaces'),
    withManagers:
      options.has('show-managed-fields') && options.value('show-managed-fields') !== 'false',
    hasHeader: !options.has('no-headers'),
  })
}

/** kubectl of a management node. */
export const kubectlCommands: readonly LabCommand[] = [
  { names: ['kubectl'], package: 'kubectl', run: kubectl },
]
