import { defineResource } from '../../contract/resource.ts'
import type { ValueMap } from '../../contract/value.ts'
import { componentParam, componentsLike, kindOf } from '../hsm-queries.ts'
import { refused } from '../refused.ts'
import { listFrom, textAt, valueAt } from '../service-answers.ts'
import { unclear } from '../unclear.ts'

/** A node is locked in HSM against power and firmware actions of services, or is not. */
export const hsmLock = defineResource({
  name: 'hsm_lock',
  summary: 'A node is locked in HSM against power and firmware actions of services, or is not.',
  source:
    'Configure a Remote Build Node, "Lock the node" (cray hsm locks lock create, unlock create)',
  params: {
    type: 'object',
    required: ['xname'],
    properties: {
      xname: componentParam,
      state: {
        type: 'string',
        enum: ['locked', 'unlocked'],
        default: 'locked',
        description: 'Locked, or not.',
      },
    },
  },
  state: {
    locked: { type: 'boolean', description: 'Whether it is locked.' },
    reserved: {
      type: 'boolean',
      information: true,
      description: 'Whether a service has reserved it just now.',
    },
    reservation_disabled: {
      type: 'boolean',
      information: true,
      description: 'Whether reservations of it are disabled.',
    },
  },
  probe: ({ xname }) => ({ locks: componentsLike(xname, '/locks/status') }),
  observe: (readings, { xname, state }) => {
    const lock = listFrom(readings.locks, 'hsm', 'Components').find((each) => each['ID'] === xname)
    if (!lock)
      return unclear(
        `HSM knows no component ${xname}`,
        `look at it with \`cray hsm state components list --type ${kindOf(xname)}\``,
      )
    const locked = lock['Locked'] === true
    // Another client may have been quicker, which HSM reports as an error: the error counts only if the lock is not as wanted.
    const refused = (readings as unknown as { readonly set?: ValueMap }).set
    const why = refused && reasonIn(refused, xname)
    if (why && locked !== (state === 'locked')) {
      return unclear(
        `HSM does not let ${xname} be ${state}: ${why}`,
        `look at it with \`cray hsm locks status create --component-ids ${xname}\``,
      )
    }
    return {
      locked,
      reserved: lock['Reserved'] === true,
      reservation_disabled: lock['ReservationDisabled'] === true,
    }
  },
  desire: ({ state }) => ({ locked: state === 'locked' }),
  change: (_, { xname, state }, current) => {
    const verb = state === 'locked' ? 'lock' : 'unlock'
    const title = `${verb} ${xname} in HSM`
    if (current.reservation_disabled)
      return refused(
        title,
        ['locked'],
        `reservations of ${xname} are disabled in HSM, and then it cannot be ${state}`,
        `if that is not meant to be, \`cray hsm locks repair create --component-ids ${xname}\` enables them`,
      )
    if (verb === 'lock' && current.reserved)
      return refused(
        title,
        ['locked'],
        `a service has reserved ${xname}: it is being switched or flashed`,
        'wait until that is done, then run again',
      )
    const body = { ComponentIDs: [xname], ProcessingModel: 'rigid' }
    return [
      {
        title,
        repairs: ['locked'],
        actions: [
          {
            do: 'http',
            service: 'hsm',
            method: 'POST',
            path: `/locks/${verb}`,
            body,
            statuses: [200, 400],
            name: 'set',
          },
        ],
      },
    ]
  },
})

/** Why HSM did not do it: the words of its refusal, or the reason that its answer gives for this component. */
function reasonIn(answer: ValueMap, xname: string): string | null {
  if (answer['status'] === 400) return textAt(answer['json'], 'detail') ?? 'Bad Request'
  const failures = valueAt(answer['json'], 'Failure')
  const mine = (Array.isArray(failures) ? failures : []).find(
    (each) => (textAt(each, 'ID') ?? xname) === xname,
  )
  return mine === undefined ? null : (textAt(mine, 'Reason') ?? 'it gives no reason')
}
