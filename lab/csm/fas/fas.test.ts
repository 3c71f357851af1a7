import { describe, expect, it } from 'vitest'
import { arm, bench, intel, type Bench } from '../system.fixture.ts'

const v1 = '/apis/fas/v1'
const controller = (node: string): string => node.replace(/n\d+$/, '')
const bmc = controller(intel)
const asked = (command: object = {}, filters: object = { xnames: [bmc] }) => ({
  stateComponentFilter: filters,
  targetFilter: { targets: ['iLO 5'] },
  command: { restoreNotPossibleOverride: true, description: 'iLO', ...command },
})
async function begun(lab: Bench, body: unknown): Promise<string> {
  const made = await lab.ask('POST', `${v1}/actions`, body)
  expect(made.status).toBe(202)
  return made.json.actionID
}
const told = async (lab: Bench, id: string) => (await lab.ask('GET', `${v1}/actions/${id}`)).json
async function ended(lab: Bench, body: unknown) {
  const id = await begun(lab, body)
  await lab.pass(10_000)
  return told(lab, id)
}
const versionOf = async (lab: Bench) => {
  const name = `s${Math.random()}`
  await lab.ask('POST', `${v1}/snapshots`, { name, stateComponentFilter: { xnames: [bmc] } })
  await lab.pass(1000)
  return (await lab.ask('GET', `${v1}/snapshots/${name}`)).json.devices[0].targets.map(
    (each: { firmwareVersion: string }) => each.firmwareVersion,
  )
}

describe('actions of FAS', () => {
  it('go from new to completed; a dry run changes nothing', async () => {
    const lab = bench()
    const id = await begun(lab, asked())
    expect(await told(lab, id)).toMatchObject({
      state: 'new',
      command: { overrideDryrun: false, version: 'latest', tag: 'default', description: 'iLO' },
    })
    await lab.pass(10_000)
    expect(await told(lab, id)).toMatchObject({
      state: 'completed',
      endTime: expect.stringMatching(/^2026-01-01 00:00:0\S* \+0000 UTC$/),
      operationSummary: {
        succeeded: {
          operationKeys: [
            {
              xname: bmc,
              target: '1',
              targetName: 'iLO 5',
              fromFirmwareVersion: '2.44.0',
              stateHelper: 'dry run completed: Updated Image: 2.78.0',
            },
          ],
        },
        failed: { operationKeys: [] },
      },
    })
    expect(await versionOf(lab)).toEqual(['2.44.0', '2.40.0'])
  })

  it('update a target when the dry run is overridden, and find nothing to do afterwards', async () => {
    const lab = bench()
    const updated = await ended(lab, asked({ overrideDryrun: true }))
    const [key] = updated.operationSummary.succeeded.operationKeys
    expect(key.stateHelper).toBe('Update Successful to version: 2.78.0')
    expect((await lab.ask('GET', `${v1}/operations/${key.operationID}`)).json).toMatchObject({
      state: 'succeeded',
      fromFirmwareVersion: '2.44.0',
      toFirmwareVersion: '2.78.0',
    })
    expect(await versionOf(lab)).toEqual(['2.78.0', '2.40.0'])
    const again = await ended(lab, asked({ overrideDryrun: true }))
    expect(again.operationSummary.noOperation.operationKeys).toMatchObject([
      { stateHelper: 'Firmware at requested version' },
    ])
    expect(lab.system.reservations.size).toBe(0)
  })

  it('wait for a locked controller until their time is over', async () => {
    const lab = bench()
    lab.system.locks.set(bmc, { locked: true, reservationDisabled: false })
    const id = await begun(lab, asked({ overrideDryrun: true, timeLimit: 100 }))
    await lab.pass(10_000)
    expect((await told(lab, id)).operationSummary.inProgress.operationKeys).toMatchObject([
      { stateHelper: 'failed to lock, trying again soon' },
    ])
    await lab.pass(200_000)
    expect(await told(lab, id)).toMatchObject({
      state: 'completed',
      operationSummary: {
        failed: {
          operationKeys: [{ stateHelper: 'time expired; could not complete update' }],
        },
      },
    })
  })

  it('run one after another, siblings of a controller too', async () => {
    const lab = bench()
    const both = { ...asked({ overrideDryrun: true }), targetFilter: {} }
    const first = await begun(lab, both)
    const second = await begun(lab, asked({}, { deviceTypes: ['nodeBMC'] }))
    await lab.pass(200)
    expect((await told(lab, first)).operationSummary.blocked.operationKeys).toMatchObject([
      { stateHelper: 'blocked by sibling' },
    ])
    expect(await told(lab, second)).toMatchObject({ state: 'blocked', blockedBy: [first] })
    await lab.pass(20_000)
    expect(await told(lab, second)).toMatchObject({ state: 'completed' })
    expect(await versionOf(lab)).toEqual(['2.78.0', '2.56.0'])
  })

  it('fail where a device comes up with its old firmware', async () => {
    const lab = bench()
    lab.system.faults.push({ kind: 'fas-operation', times: 1 })
    const failed = await ended(lab, asked({ overrideDryrun: true }))
    expect(failed.operationSummary.failed.operationKeys[0].stateHelper).toBe(
      'unexpected change detected in firmware version. Expected 2.78.0 got: 2.44.0',
    )
  })

  it('have no solution without a way back, unless that is allowed by name', async () => {
    const lab = bench()
    lab.system.fas.versions.set(`${bmc} 1`, 'dev')
    const refused = await ended(
      lab,
      asked({ overrideDryrun: true, restoreNotPossibleOverride: false }),
    )
    expect(refused.operationSummary.noSolution.operationKeys).toHaveLength(1)
    expect(lab.system.fas.versions.get(`${bmc} 1`)).toBe('dev')
  })

  it('are aborted, and deleted when they do not run', async () => {
    const lab = bench()
    const id = await begun(lab, asked({ overrideDryrun: true }))
    await lab.pass(400)
    expect(await lab.ask('DELETE', `${v1}/actions/${id}`)).toMatchObject({
      status: 400,
      json: { detail: 'cannot delete a currently running action' },
    })
    expect((await lab.ask('DELETE', `${v1}/actions/${id}/instance`)).status).toBe(202)
    await lab.pass(1000)
    expect((await told(lab, id)).state).toBe('aborted')
    expect((await lab.ask('DELETE', `${v1}/actions/${id}`)).status).toBe(204)
    expect(await lab.ask('GET', `${v1}/actions/${id}`)).toMatchObject({
      status: 404,
      json: { detail: `Key /actions/${id} does not exist` },
    })
    expect((await lab.ask('GET', `${v1}/actions`)).json).toEqual({ actions: [] })
  })

  it.each([
    ['{', 'unexpected end of JSON input'],
    [
      { command: { timeLimit: '1' } },
      'json: cannot unmarshal string into Go struct field Command.command.timeLimit of type int',
    ],
    [{ stateComponentFilter: { xnames: ['nid1'] } }, 'invalid/duplicate xnames: [nid1]'],
    [
      { command: { version: 'newest' } },
      "version must be 'earliest' or 'latest'; or you must supply an ImageID",
    ],
    [{ imageFilter: { imageID: 'x' } }, 'invalid UUID length: 1'],
  ])('are refused for %j', async (body, detail) => {
    expect(await bench().ask('POST', `${v1}/actions`, body)).toMatchObject({
      status: 400,
      json: { type: 'about:blank', title: 'Bad Request', detail },
    })
  })

  it('touch nothing where the filters leave nothing', async () => {
    const lab = bench()
    expect(await ended(lab, asked({}, { deviceTypes: ['routerBMC'] }))).toMatchObject({
      state: 'completed',
      operationSummary: { succeeded: { operationKeys: [] } },
    })
  })
})

describe('images and snapshots', () => {
  it('an image is made, replaced and deleted, and an action can ask for it', async () => {
    const lab = bench()
    const image = {
      deviceType: 'nodeBMC',
      manufacturer: 'hpe',
      models: ['ProLiant DL325 Gen10 Plus'],
      target: '1',
      tags: ['default'],
      firmwareVersion: '3.1',
      semanticFirmwareVersion: '3.1',
      s3URL: 's3:/fw-update/x.bin',
    }
    const { imageID } = (await lab.ask('POST', `${v1}/images`, image)).json
    expect((await lab.ask('GET', `${v1}/images/${imageID}`)).json).toMatchObject({
      semanticFirmwareVersion: '3.1.0',
    })
    const explicit = await ended(lab, { ...asked(), imageFilter: { imageID } })
    expect(explicit.operationSummary.succeeded.operationKeys[0].stateHelper).toMatch(/3\.1$/)
    expect((await lab.ask('POST', `${v1}/images`, { ...image, tags: [] })).json.detail).toBe(
      'tags cannot be empty',
    )
    expect((await lab.ask('PUT', `${v1}/images/${imageID}`, image)).status).toBe(200)
    expect((await lab.ask('DELETE', `${v1}/images/${imageID}`)).status).toBe(204)
    expect((await lab.ask('GET', `${v1}/images`)).json.images).toHaveLength(8)
  })

  it('a snapshot is restored, when that is confirmed', async () => {
    const lab = bench()
    const path = `${v1}/snapshots/before`
    const body = { name: 'before', stateComponentFilter: { xnames: [bmc, controller(arm)] } }
    expect((await lab.ask('POST', `${v1}/snapshots`, body)).status).toBe(201)
    expect((await lab.ask('POST', `${v1}/snapshots`, body)).status).toBe(409)
    await lab.pass(1000)
    await ended(lab, asked({ overrideDryrun: true }))
    expect((await lab.ask('POST', `${path}/restore`)).json.detail).toBe(
      "missing required parameter 'confirm'",
    )
    await lab.ask('POST', `${path}/restore?confirm=yes&overrideDryrun=true`)
    await lab.pass(10_000)
    expect(await versionOf(lab)).toEqual(['2.44.0', '2.40.0'])
    expect((await lab.ask('GET', path)).json).toMatchObject({
      ready: true,
      relatedActions: [{ state: 'completed' }],
    })
    expect((await lab.ask('DELETE', path)).status).toBe(204)
    expect((await lab.ask('GET', path)).status).toBe(404)
  })
})
