import { get, type HttpReading } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { kindOf } from '../hsm-queries.ts'
import { listFrom, objectFrom, textAt } from '../service-answers.ts'
import { stages } from '../service-job.ts'
import { newestAction } from './action-body.ts'
import { fasActionChanges } from './action-changes.ts'
import { lineOf, operationsIn, verdictOfDryRun, verdictOfUpdate } from './action-verdict.ts'
import { commandParams, filterParams } from './filter-params.ts'

const lines = (description: string) =>
  ({
    type: 'array',
    items: { type: 'string', description: 'Controller, target, and what FAS says of it.' },
    information: true,
    description,
  }) as const

/** FAS has checked what an update of firmware would do, or has updated it. */
export const fasAction = defineResource({
  name: 'fas_action',
  summary: 'FAS has checked what an update of firmware would do, or has updated it.',
  source: 'FAS Recipes and Procedures (cray fas actions create); FAS Filters',
  destroys: ['updated'],
  params: {
    type: 'object',
    required: ['name'],
    atMostOne: [['image', 'version']],
    properties: {
      name: {
        type: 'string',
        format: 'line',
        minLength: 1,
        maxLength: 200,
        identity: true,
        description: 'Name of the action: its description in FAS, by which it is found again.',
        examples: ['iLO 5 to the latest version, May'],
      },
      state: {
        type: 'string',
        enum: ['checked', 'updated'],
        default: 'checked',
        description:
          '`checked`: the dry run has ended well. `updated`: FAS has overridden the dry run, and the firmware is written.',
      },
      ...filterParams,
      ...commandParams,
    },
  },
  checks: {
    name: ({ name, xnames, device_types, groups }) =>
      xnames === undefined && device_types === undefined && groups === undefined
        ? {
            message: `${name} has no filter: FAS would take every controller of the system`,
            hint: 'add `xnames:`, `device_types:` or `groups:`',
          }
        : null,
  },
  state: {
    outcome: {
      type: 'string',
      enum: stages,
      description:
        '`none`: FAS has no action of this name; `succeeded`: all operations ended well.',
    },
    action_id: {
      type: 'string',
      information: true,
      description: 'Id of the action that was looked at; null without one.',
    },
    succeeded: lines('What is updated, or would be.'),
    failed: lines('What failed.'),
    no_operation: lines('What has the version already.'),
    no_solution: lines('What FAS has no image for.'),
    waiting: lines('What has not ended.'),
    trouble: {
      type: 'string',
      information: true,
      description: 'Why it is not begun or has failed; null where nothing is wrong.',
    },
    remedy: { type: 'string', information: true, description: 'What to do about that.' },
  },
  probe: ({ name, state }, seen) => {
    const list = seen['actions']?.json
    const dryRun = newestAction(list, name, false)
    const update = state === 'updated' ? newestAction(list, name, true) : undefined
    const locksOf = update
      ? []
      : operationsIn(objectOf(seen['dry run'] as HttpReading | undefined)).succeeded
    const kinds = state === 'updated' ? [...new Set(locksOf.map(({ xname }) => kindOf(xname)))] : []
    return {
      actions: get('fas', '/actions', [200], { ahead: false }),
      ...(dryRun ? { 'dry run': described(textAt(dryRun, 'actionID')) } : {}),
      ...(update ? { update: described(textAt(update, 'actionID')) } : {}),
      ...Object.fromEntries(
        kinds.map((kind) => [
          `locks ${kind}`,
          get('hsm', `/locks/status?type=${kind}`, [200], { ahead: false }),
        ]),
      ),
    }
  },
  observe: (readings, params) => {
    const said = readings as unknown as Readonly<Record<string, HttpReading | undefined>>
    const [dryRun, update] = [objectOf(said['dry run']), objectOf(said['update'])]
    const isUpdate = params.state === 'updated'
    const verdict = isUpdate
      ? verdictOfUpdate(update, params, { dryRun, locked: lockedIn(said, dryRun) })
      : verdictOfDryRun(dryRun, params)
    const shown = update ?? dryRun
    const operations = operationsIn(shown)
    return {
      outcome: verdict.stage,
      action_id: textAt(shown, 'actionID'),
      succeeded: operations.succeeded.map(lineOf),
      failed: operations.failed.map(lineOf),
      no_operation: operations.no_operation.map(lineOf),
      no_solution: operations.no_solution.map(lineOf),
      waiting: operations.waiting.map(lineOf),
      trouble: verdict.trouble,
      remedy: verdict.remedy,
    }
  },
  desire: () => ({ outcome: 'succeeded' }),
  change: fasActionChanges,
  settle: {
    for: ({ time_limit }) => time_limit + 600,
    every: 5,
    progress: ({ outcome, waiting }) =>
      `the action (${outcome}): ${waiting?.[0] ?? 'no device yet'}`,
  },
})

// An action may be deleted between the list and its description.
function described(id: string | null) {
  return get('fas', `/actions/${id}`, [200, 404], { ahead: false })
}

function objectOf(reading: HttpReading | undefined) {
  return reading === undefined || reading.status === 404 ? undefined : objectFrom(reading, 'fas')
}

function lockedIn(
  said: Readonly<Record<string, HttpReading | undefined>>,
  dryRun: ReturnType<typeof objectOf>,
): readonly string[] {
  const wanted = new Set(operationsIn(dryRun).succeeded.map(({ xname }) => xname))
  return Object.entries(said).flatMap(([name, reading]) =>
    name.startsWith('locks ') && reading
      ? listFrom(reading, 'hsm', 'Components')
          .filter((each) => each['Locked'] === true || each['ReservationDisabled'] === true)
          .flatMap((each) => textAt(each, 'ID') ?? [])
          .filter((xname) => wanted.has(xname))
      : [],
  )
}
