import { describe, expect, it } from 'vitest'
import { bench } from './system.fixture.ts'

const node = '/apis/cfs/v3/components/x3000c0s19b1n0'
const lock = '/apis/smd/hsm/v2/locks/service/reservations'

describe('how a number is written', () => {
  it.each([
    ['{"error_count":1.0}', "1.0 is not of type 'integer' - 'error_count'"],
    ['{"error_count":1e2}', "100.0 is not of type 'integer' - 'error_count'"],
    ['{"error_count":NaN}', "nan is not of type 'integer' - 'error_count'"],
    ['{"error_count":-Infinity}', "-inf is not of type 'integer' - 'error_count'"],
    ['{"desired_config":1.0}', "1.0 is not of type 'string' - 'desired_config'"],
    ['{"desired_config":1e16}', "1e+16 is not of type 'string' - 'desired_config'"],
    ['{"desired_config":1e-7}', "1e-07 is not of type 'string' - 'desired_config'"],
    ['{"desired_config":-0}', "0 is not of type 'string' - 'desired_config'"],
    ['{"desired_config":-0.0}', "-0.0 is not of type 'string' - 'desired_config'"],
    [
      '{"desired_config":12345678901234567890}',
      "12345678901234567890 is not of type 'string' - 'desired_config'",
    ],
    ['NaN', "nan is not of type 'object'"],
  ])('CFS reads %s as Python does', async (body, detail) => {
    const { ask } = bench('1.6')
    expect(await ask('PATCH', node, body)).toMatchObject({ status: 400, json: { detail } })
  })

  it('BOS takes no float in the place of an integer, and an integer of any size', async () => {
    const { ask } = bench('1.7')
    const options = '/apis/bos/v2/options'
    expect(await ask('PATCH', options, '{"polling_frequency":15.0}')).toMatchObject({
      status: 400,
      json: { detail: "15.0 is not of type 'integer' - 'polling_frequency'" },
    })
    expect(
      await ask('PATCH', options, '{"max_boot_wait_time":123456789012345678901}'),
    ).toMatchObject({
      status: 400,
      json: {
        detail:
          "123456789012345678901 is greater than the maximum of 1048576 - 'max_boot_wait_time'",
      },
    })
    expect((await ask('PATCH', options, '{"more":1.5}')).json.more).toBe(1.5)
  })

  it.each([
    ['1.0', 'number 1.0'],
    ['1e2', 'number 1e2'],
    ['12345678901234567890', 'number 12345678901234567890'],
    ['"1"', 'string'],
  ])('HSM takes no %s in the place of an integer', async (given, shown) => {
    const { ask } = bench('1.7')
    const body = `{"ComponentIDs":["x3000c0s19b1n0"],"ReservationDuration":${given}}`
    const { status, json } = await ask('POST', lock, body)
    expect(status).toBe(500)
    expect(json.detail).toContain(`json: cannot unmarshal ${shown} into Go struct field`)
    expect(json.detail).toContain('of type int')
  })

  it.each([
    ['2.0', undefined],
    ['0.5', ['build_env_size must be greater than or equal to 1']],
    ['NaN', ['Not a valid integer.']],
    ['Infinity', ['Number too large.']],
  ])('IMS reads a size of %s as marshmallow does', async (given, errors) => {
    const { ask } = bench('1.6')
    const { json } = await ask('POST', '/apis/ims/v3/jobs', `{"build_env_size":${given}}`)
    expect(json.errors.build_env_size).toEqual(errors)
  })

  it('IMS takes a zero of either form for no input', async () => {
    const { ask } = bench('1.6')
    expect((await ask('POST', '/apis/ims/v3/public-keys', '0.0')).status).toBe(400)
    expect((await ask('POST', '/apis/ims/v3/public-keys', 'NaN')).status).toBe(422)
  })
})

describe('what a description asks for', () => {
  it('does not ask for a field that only the service writes', async () => {
    const { ask } = bench('1.7')
    const layer = { clone_url: 'u', playbook: 'p', commit: 'c', session_name: 's' }
    const written = await ask('PATCH', node, { state: [{ ...layer, status: 'applied' }] })
    expect(written).toMatchObject({ status: 200, json: { state: [{ status: 'applied' }] } })
    expect(await ask('PATCH', node, { state: [layer] })).toMatchObject({
      status: 400,
      json: { detail: "'status' is a required property - 'state.0'" },
    })
  })

  it('is said in its order', async () => {
    const { ask } = bench('1.7')
    const given = { hsm_read_timeout: 1, cfs_read_timeout: 1 }
    expect((await ask('PATCH', '/apis/bos/v2/options', given)).json.detail).toBe(
      "1 is less than the minimum of 10 - 'cfs_read_timeout'",
    )
  })
})

describe('the bytes of a body', () => {
  const configuration = '/apis/cfs/v3/configurations/site'
  const text = '{"layers":[],"description":"für"}'

  it('Python takes a mark of UTF-8 before the text, and Go does not', async () => {
    const { ask } = bench('1.7')
    const marked = `\ufeff${text}`
    expect((await ask('PUT', configuration, marked)).json.description).toBe('für')
    const { status, json } = await ask('POST', lock, '\ufeff{}')
    expect([status, json.detail]).toEqual([
      500,
      "error decoding JSON invalid character 'ï' looking for beginning of value",
    ])
  })

  it.each([
    ['\u0001', '\\x01'],
    ['\u000b', '\\v'],
    ['\u{1f600}', 'ð'],
    ['\\', '\\\\'],
    ["'", "\\'"],
  ])('Go names the byte that it stops at: %j', async (given, named) => {
    const { ask } = bench('1.7')
    expect((await ask('POST', lock, given)).json.detail).toBe(
      `error decoding JSON invalid character '${named}' looking for beginning of value`,
    )
  })

  it('Python refuses a text that is not UTF-8, and Go replaces what it cannot read', async () => {
    const { ask } = bench('1.7')
    expect(await ask('PUT', configuration, Buffer.from(text, 'latin1'))).toMatchObject({
      status: 400,
      json: { detail: 'Request body is not valid JSON' },
    })
    const network = Buffer.from('{"label":"new","description":"für"}', 'latin1')
    expect((await ask('POST', '/apis/smd/hsm/v2/groups', network)).status).toBe(201)
    expect((await ask('GET', '/apis/smd/hsm/v2/groups/new', undefined)).json.description).toBe(
      'f\ufffdr',
    )
  })
})
