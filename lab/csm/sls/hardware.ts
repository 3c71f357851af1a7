import { parentOf, parseXname } from '../../../runner/text/xname.ts'
import { goString, goStruct, unmarshal } from '../go/go-json.ts'
import { normalized, typeOfName } from '../go/normalized-xname.ts'
import { refused } from '../problems.ts'
import { json, sorted, type Asked, type Reply, type Route } from '../service-route.ts'
import type { System } from '../system.ts'
import type { Component } from '../system-model.ts'
import { changed } from './change-counter.ts'
import { propertiesIn, searchProblem, stamped, withProperties } from './search.ts'
import type { Hardware } from './sls-records.ts'

const source = 'hms-sls:cmd/sls/sls_hardware.go'

/** SLS's routes for hardware. */
export const hardwareRoutes: readonly Route[] = [
  { method: 'POST', path: '/hardware', source, answer: create },
  {
    method: 'GET',
    path: '/hardware',
    source,
    answer: (_asked, system) => json(200, orNull(allOf(system))),
  },
  { method: 'GET', path: '/hardware/:xname', source, answer: describe },
  { method: 'PUT', path: '/hardware/:xname', source, answer: put },
  { method: 'DELETE', path: '/hardware/:xname', source, answer: remove },
  { method: 'GET', path: '/search/hardware', source, answer: search },
]

/** What SLS knows of these nodes after an installation. */
export function installedHardware(components: readonly Component[], at: number): Hardware[] {
  return components.map((each) => ({
    Xname: each.xname,
    Class: each.class,
    ExtraProperties: {
      NID: each.nid,
      Role: each.role,
      ...(each.subRole ? { SubRole: each.subRole } : {}),
      Aliases: each.aliases,
    },
    at,
  }))
}

/** A component as SLS shows it. */
export function hardwareRecord(held: Hardware, all: readonly Hardware[]): Record<string, unknown> {
  const type = parseXname(held.Xname)?.type ?? ''
  const children = all
    .map((each) => each.Xname)
    .filter((xname) => parentOf(xname) === held.Xname)
    .toSorted()
  return {
    Parent: parentOf(held.Xname) ?? '',
    ...(children.length > 0 ? { Children: children } : {}),
    Xname: held.Xname,
    Type: comptypes[type] ?? 'INVALID',
    Class: held.Class,
    TypeString: type,
    ...stamped(held.at),
    ...(held.ExtraProperties === undefined
      ? {}
      : { ExtraProperties: sorted(held.ExtraProperties) }),
  }
}

function allOf(system: System): readonly Record<string, unknown>[] {
  return system.layout.hardware.map((each) => hardwareRecord(each, system.layout.hardware))
}

// Go writes a list that was never filled as null.
function orNull<T>(list: readonly T[]): readonly T[] | null {
  return list.length > 0 ? list : null
}

const posted = goStruct('main.postHardwareRequest', {
  Xname: goString,
  Class: goString,
  ExtraProperties: { kind: 'any' },
})

const classes = ['River', 'Mountain', 'Hill']

function create(asked: Asked, system: System): Reply {
  const body = unmarshal(asked.body, posted)
  if (body.error !== null) return refused(400, 'Bad Request', 'error decoding JSON')
  const { Xname = '', Class = '', ExtraProperties } = body.value
  if (Xname === '') return refused(400, 'Bad Request', 'missing required Xname field')
  if (typeOfName(Xname) === null) return refused(400, 'Bad Request', 'invalid Xname field')
  if (!parentOf(Xname))
    return refused(500, 'Internal Server Error', 'Could not determine Parent for xname')
  if (Class === '') return refused(400, 'Bad Request', 'missing required Class field')
  if (!classes.some((each) => each.toLowerCase() === Class.toLowerCase()))
    return refused(400, 'Bad Request', 'invalid Class field')
  const xname = normalized(Xname)
  if (system.layout.hardware.some((each) => each.Xname === xname))
    return refused(409, 'Conflict', 'object already exists')
  // The database knows the classes in their own spelling alone.
  if (!classes.includes(Class))
    return refused(500, 'Internal Server Error', 'error inserting object into DB')
  changed(system)
  system.layout.hardware.push({ Xname: xname, Class, ExtraProperties, at: system.now() })
  return json(201, { code: 0, message: 'inserted new entry' })
}

const replaced = goStruct('main.putHardwareRequest', {
  Class: goString,
  ExtraProperties: { kind: 'any' },
})

// What is not there is made; all properties of what is there are replaced.
function put(asked: Asked, system: System): Reply {
  const xname = normalized(asked.params['xname']!)
  const type = typeOfName(xname)
  if (type === null) return refused(400, 'Bad Request', 'invalid xname')
  const body = unmarshal(asked.body, replaced)
  if (body.error !== null) return refused(400, 'Bad Request', 'unable to unmarshal JSON payload')
  const { Class = '', ExtraProperties } = body.value
  if (Class === '') return refused(400, 'Bad Request', 'missing fields Class ')
  if (!classes.some((each) => each.toLowerCase() === Class.toLowerCase()))
    return refused(400, 'Bad Request', 'invalid component class')
  if (!classes.includes(Class) || unsearchable.includes(type))
    return refused(500, 'Internal Server Error', 'DB update failed')
  const { hardware } = system.layout
  const next: Hardware = { Xname: xname, Class, ExtraProperties, at: system.now() }
  const index = hardware.findIndex((each) => each.Xname === xname)
  if (index < 0) hardware.push(next)
  else hardware[index] = next
  changed(system)
  // It answers with what it was sent: neither the children nor a time are in it.
  const { LastUpdated: _at, LastUpdatedTime: _time, ...record } = hardwareRecord(next, [])
  return json(index < 0 ? 201 : 200, record)
}

function found(asked: Asked, system: System): Hardware | Reply {
  const xname = normalized(asked.params['xname']!)
  if (typeOfName(xname) === null) return refused(400, 'Bad Request', 'invalid xname')
  return (
    system.layout.hardware.find((each) => each.Xname === xname) ??
    refused(404, 'Not Found', 'no such component not in DB')
  )
}

function describe(asked: Asked, system: System): Reply {
  const held = found(asked, system)
  return 'status' in held ? held : json(200, hardwareRecord(held, system.layout.hardware))
}

function remove(asked: Asked, system: System): Reply {
  const held = found(asked, system)
  if ('status' in held) return held
  // What lies below it is found from parent to child, and a gap ends the search.
  const names = new Set(system.layout.hardware.map((each) => each.Xname))
  const isBelow = (xname: string | null): boolean =>
    xname !== null && names.has(xname) && (xname === held.Xname || isBelow(parentOf(xname)))
  changed(system)
  const kept = system.layout.hardware.filter((each) => !isBelow(each.Xname))
  system.layout.hardware.splice(0, system.layout.hardware.length, ...kept)
  return json(200, { code: 0, message: 'deleted entry and its descendants' })
}

function search(asked: Asked, system: System): Reply {
  const { query } = asked
  const given = (name: string): string => query.get(name) ?? ''
  const properties = propertiesIn(query, {
    PoweredBy: given('power_connector'),
    Object: given('object'),
    NodeNics: [given('node_nics')],
    Networks: [given('networks')],
    Peers: [given('peers')],
  })
  if (!properties || query.has('extra_properties'))
    return searchProblem(
      asked,
      400,
      'Bad Request',
      'ExtraProperties search did not include the field name. The ExtraProperties query should be of the form: extra_properties.{fieldname}={value}',
    )
  const wrong = wrongCondition(given)
  if (wrong !== null) return searchProblem(asked, 400, 'Bad Request', wrong)
  const conditions = Object.entries({
    Xname: given('xname'),
    Parent: given('parent'),
    Type: given('type'),
    Class: given('class'),
  }).filter(([, wanted]) => wanted !== '')
  if (conditions.length === 0 && properties.length === 0)
    return searchProblem(asked, 400, 'Bad Request', 'no conditions/properties with which to search')
  const records = allOf(system).filter(
    (record) =>
      conditions.every(([name, wanted]) => record[name] === wanted) &&
      withProperties(record['ExtraProperties'], properties),
  )
  return json(200, orNull(records))
}

const unsearchable = ['Partition', 'All', 'AllComp', 'AllSvc']

function wrongCondition(given: (name: string) => string): string | null {
  const wrongName = (name: string): string | null => {
    if (name === '') return null
    const type = typeOfName(name)
    if (type === null) return 'xname is invalid'
    return unsearchable.includes(type) ? 'xname type is invalid' : null
  }
  const [name, parent] = [wrongName(given('xname')), wrongName(given('parent'))]
  if (name !== null) return name
  if (parent !== null) return `invalid parent: ${parent}`
  const type = given('type')
  if (type !== '') {
    if (
      [
        'comptype_all',
        'comptype_all_comp',
        'comptype_all_svc',
        'INVALID',
        'comptype_partition',
      ].includes(type)
    )
      return 'type can not be stored in SLS'
    if (!Object.values(comptypes).includes(type)) return 'type is unknown'
  }
  const itsClass = given('class')
  return itsClass === '' || classes.includes(itsClass) ? null : 'class is invalid'
}

/** What SLS calls the types of HSM (hms-sls:pkg/sls-common/common.go). */
const comptypes: Readonly<Record<string, string>> = {
  CDU: 'comptype_cdu',
  CDUMgmtSwitch: 'comptype_cdu_mgmt_switch',
  CabinetCDU: 'comptype_cab_cdu',
  Cabinet: 'comptype_cabinet',
  CabinetPDUController: 'comptype_cab_pdu_controller',
  CabinetPDU: 'comptype_cab_pdu',
  CabinetPDUNic: 'comptype_cab_pdu_nic',
  CabinetPDUOutlet: 'comptype_cab_pdu_outlet',
  CabinetPDUPowerConnector: 'comptype_cab_pdu_pwr_connector',
  Chassis: 'comptype_chassis',
  ChassisBMC: 'comptype_chassis_bmc',
  CMMRectifier: 'comptype_cmm_rectifier',
  CMMFpga: 'comptype_cmm_fpga',
  CEC: 'comptype_cec',
  ComputeModule: 'comptype_compmod',
  RouterModule: 'comptype_rtrmod',
  NodeBMC: 'comptype_ncard',
  NodeBMCNic: 'comptype_bmc_nic',
  NodeEnclosure: 'comptype_node_enclosure',
  NodePowerConnector: 'comptype_compmod_power_connector',
  Node: 'comptype_node',
  VirtualNode: 'comptype_virtual_node',
  Processor: 'comptype_node_processor',
  NodeNic: 'comptype_node_nic',
  NodeHsnNic: 'comptype_node_hsn_nic',
  Memory: 'comptype_dimm',
  NodeAccel: 'comptype_node_accel',
  NodeFpga: 'comptype_node_fpga',
  HSNAsic: 'comptype_hsn_asic',
  RouterFpga: 'comptype_rtr_fpga',
  RouterTORFpga: 'comptype_rtr_tor_fpga',
  RouterBMC: 'comptype_rtr_bmc',
  RouterBMCNic: 'comptype_rtr_bmc_nic',
  HSNBoard: 'comptype_hsn_board',
  HSNLink: 'comptype_hsn_link',
  HSNConnector: 'comptype_hsn_connector',
  HSNConnectorPort: 'comptype_hsn_connector_port',
  MgmtSwitch: 'comptype_mgmt_switch',
  MgmtSwitchConnector: 'comptype_mgmt_switch_connector',
  MgmtHLSwitch: 'comptype_hl_switch',
  SMSBox: 'comptype_ncn_box',
  System: 'any',
}
