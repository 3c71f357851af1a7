import { json, type Route } from '../service-route.ts'

/** The words that HSM knows for each field of a component (hms-base, hms-xname). */
export const vocabulary = {
  Arch: ['X86', 'ARM', 'UNKNOWN', 'Other'],
  Class: ['River', 'Mountain', 'Hill'],
  Flag: ['Unknown', 'OK', 'Warning', 'Alert', 'Locked'],
  NetType: ['Sling', 'Infiniband', 'Ethernet', 'OEM', 'None'],
  Role: ['Compute', 'Service', 'System', 'Application', 'Storage', 'Management'],
  SubRole: [
    'Worker',
    'Master',
    'Storage',
    'UAN',
    'Gateway',
    'LNETRouter',
    'Visualization',
    'UserDefined',
  ],
  State: ['Unknown', 'Empty', 'Populated', 'Off', 'On', 'Active', 'Standby', 'Halt', 'Ready'],
  Type: `INVALID All AllSvc AllComp Partition System SMSBox CDU CDUMgmtSwitch CabinetCDU CabinetPDUController CabinetPDU
    CabinetPDUNic CabinetPDUOutlet CabinetPDUPowerConnector CEC Cabinet CabinetBMC Chassis ChassisBMC ChassisBMCNic CMMFpga
    CMMRectifier ComputeModule StorageGroup Drive NodeFpga NodeBMC NodeBMCNic NodePowerConnector NodeEnclosure NodeEnclosurePowerSupply HSNBoard Node
    VirtualNode NodeNic NodeHsnNic NodeAccel NodeAccelRiser Memory Processor RouterModule RouterFpga RouterTOR RouterTORFpga
    RouterBMC RouterBMCNic RouterPowerConnector HSNAsic HSNConnector HSNConnectorPort HSNLink MgmtSwitch MgmtSwitchConnector
    MgmtHLSwitchEnclosure MgmtHLSwitch`.split(/\s+/),
} as const

const source = 'hms-smd:cmd/smd/smd-api.go'

/** The routes that list the words. */
export const valueRoutes: readonly Route[] = [
  { method: 'GET', path: '/service/values', source, answer: () => json(200, vocabulary) },
  ...Object.entries(vocabulary).map(([field, words]) => ({
    method: 'GET',
    path: `/service/values/${field.toLowerCase()}`,
    source,
    answer: () => json(200, { [field]: words }),
  })),
]
