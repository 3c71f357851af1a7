import { get } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import type { Value } from '../../contract/value.ts'
import { parseXname } from '../../text/xname.ts'
import { bootImageIn } from '../boot-image.ts'
import { listFrom, textAt } from '../service-answers.ts'
import { bootParameterChanges, namedParameters } from './bootparameter-changes.ts'
import { parametersParam, withoutParam } from './parameter-params.ts'
import { parametersIn } from './kernel-parameters.ts'

/** The Boot Script Service gives a node, a role or all others this kernel, initrd and command line. */
export const bssBootparameters = defineResource({
  name: 'bss_bootparameters',
  summary:
    'The Boot Script Service gives a node, a role or all others this kernel, initrd and command line.',
  source:
    'Management Node Image Customization, "Update management node boot parameters"; Upload Node Boot Information to Boot Script Service (BSS)',
  destroys: ['absent'],
  params: {
    type: 'object',
    exactlyOne: [['name', 'mac', 'nid']],
    atMostOne: [
      ['params', 'parameters'],
      ['params', 'without'],
    ],
    properties: {
      name: {
        type: 'string',
        identity: true,
        pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]*$',
        description: 'Xname of a node, a role such as `Compute`, or `Default` for all others.',
      },
      mac: {
        type: 'string',
        identity: true,
        pattern: '^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$',
        hint: 'write six pairs of digits in lower case: a4:bf:01:38:ee:65',
        description: 'MAC address of a node, in lower case.',
      },
      nid: { type: 'integer', identity: true, minimum: 0, description: 'Number of a node.' },
      kernel: {
        type: 'string',
        format: 'line',
        minLength: 1,
        onlyWith: { state: ['present'] },
        description: 'Path of the kernel: `s3://boot-images/ID/kernel`.',
      },
      initrd: {
        type: 'string',
        format: 'line',
        minLength: 1,
        onlyWith: { state: ['present'] },
        description: 'Path of the initrd: `s3://boot-images/ID/initrd`.',
      },
      params: {
        type: 'string',
        format: 'line',
        minLength: 1,
        onlyWith: { state: ['present'] },
        description: "The kernel's whole command line.",
      },
      parameters: parametersParam,
      without: withoutParam,
      state: {
        type: 'string',
        enum: ['present', 'absent'],
        default: 'present',
        description: 'There, or not: without a record of its own a node boots that of its role.',
      },
    },
  },
  checks: {
    name: ({ name }) => {
      const xname = name === undefined ? null : (parseXname(name)?.xname ?? null)
      return xname === null || xname === name
        ? null
        : { message: `BSS knows ${name} by another name`, hint: `write ${xname}` }
    },
    without: ({ without, parameters }) => {
      const both = without?.find((each) => Object.hasOwn(parameters ?? {}, each))
      return both === undefined
        ? null
        : {
            message: `${both} stands in \`parameters\` and in \`without\``,
            hint: 'name it in one of them',
          }
    },
  },
  state: {
    exists: { type: 'boolean', description: 'Whether BSS has a record of its own for it.' },
    kernel: { type: 'string', description: 'Path of the kernel.' },
    initrd: { type: 'string', description: 'Path of the initrd.' },
    params: { type: 'string', description: 'The whole command line.' },
    parameters: {
      type: 'object',
      additionalProperties: { type: 'string', description: 'Value, or values.' },
      description: 'The command line by the names of its parameters.',
    },
    kept_as: {
      type: 'string',
      information: true,
      description: 'The name under which BSS keeps it.',
    },
    image: {
      type: 'string',
      information: true,
      description:
        'Id of the image in IMS that the kernel comes from; null where it comes from elsewhere.',
    },
  },
  probe: ({ name, mac, nid }) => ({
    record: get(
      'bss',
      `/bootparameters?${
        name !== undefined
          ? `name=${name}`
          : // What HSM does not know is kept under its own name.
            mac !== undefined
            ? `mac=${mac}&name=${mac}`
            : `nid=${nid}&name=nid${nid}`
      }`,
      [200, 404],
    ),
  }),
  observe: ({ record }) => {
    // Of two the node's own comes last, and is what it boots.
    const found = record.status === 404 ? undefined : listFrom(record, 'bss').at(-1)
    const kernel = textAt(found, 'kernel')
    const params = textAt(found, 'params')
    return {
      exists: found !== undefined,
      kernel,
      initrd: textAt(found, 'initrd'),
      params,
      parameters: found ? parametersIn(params ?? '') : null,
      kept_as: firstOf(found?.['hosts']),
      image: bootImageIn(kernel),
    }
  },
  desire: ({ kernel, initrd, params, parameters, without, state }) =>
    state === 'absent'
      ? { exists: false }
      : {
          exists: true,
          kernel,
          initrd,
          params,
          parameters: namedParameters({ parameters, without }) as never,
        },
  change: bootParameterChanges,
})

function firstOf(list: Value | undefined): string | null {
  const first = Array.isArray(list) ? list[0] : undefined
  return typeof first === 'string' ? first : null
}
