import { describe, expect, it } from 'vitest'
import { compareNames, elementsOf, isNode, lineageOf, parentOf, parseXname } from './xname.ts'

/** Type, a name of it, what it lies in, and names of its shape that are out of its bounds. */
const rows: readonly (readonly [
  type: string,
  name: string,
  parent: string | null,
  ...outside: string[],
])[] = [
  ['System', 's0', null, 's1', 's'],
  ['SMSBox', 'sms12', null, 'sms'],
  ['Partition', 'p3', null, 'p'],
  ['Partition', 'p3.14', null, 'p3.', 'p3.1.4'],
  ['All', 'all', null],
  ['AllSvc', 'all_svc', null],
  ['AllComp', 'all_comp', null],
  ['CDU', 'd7', 's0', 'd'],
  ['CDUMgmtSwitch', 'd7w2', 'd7', 'd7w'],
  ['Cabinet', 'x3000', 's0', 'x', 'x30000'],
  ['CabinetCDU', 'x3000d1', 'x3000', 'x3000d2'],
  ['CabinetBMC', 'x3000b0', 'x3000', 'x3000b1'],
  ['CEC', 'x3000e1', 'x3000', 'x3000e2'],
  ['CabinetPDUController', 'x3000m3', 'x3000', 'x3000m4'],
  ['CabinetPDUNic', 'x3000m3i3', 'x3000m3', 'x3000m3i4'],
  ['CabinetPDU', 'x3000m3p7', 'x3000m3', 'x3000m3p8'],
  ['CabinetPDUOutlet', 'x3000m3p7j12', 'x3000m3p7', 'x3000m3p7j0'],
  ['CabinetPDUPowerConnector', 'x3000m3p7v12', 'x3000m3p7', 'x3000m3p7v0'],
  ['Chassis', 'x3000c7', 'x3000', 'x3000c8'],
  ['CMMFpga', 'x3000c0f0', 'x3000c0', 'x3000c0f1'],
  ['CMMRectifier', 'x3000c0t9', 'x3000c0', 'x3000c0t10'],
  ['ChassisBMC', 'x3000c0b0', 'x3000c0', 'x3000c0b1'],
  ['ChassisBMCNic', 'x3000c0b0i3', 'x3000c0b0', 'x3000c0b0i4'],
  ['ComputeModule', 'x3000c0s64', 'x3000c0', 'x3000c0s'],
  ['NodePowerConnector', 'x3000c0s0j1', 'x3000c0s0', 'x3000c0s0j3'],
  ['NodePowerConnector', 'x3000c0s0v2', 'x3000c0s0', 'x3000c0s0v0'],
  ['NodeEnclosure', 'x3000c0s0e12', 'x3000c0s0', 'x3000c0s0e'],
  ['NodeEnclosurePowerSupply', 'x3000c0s0e1t2', 'x3000c0s0e1', 'x3000c0s0e1t'],
  ['NodeBMC', 'x3000c0s19b4', 'x3000c0s19', 'x3000c0s19b'],
  ['NodeBMCNic', 'x3000c0s19b4i3', 'x3000c0s19b4', 'x3000c0s19b4i4'],
  ['NodeFpga', 'x3000c0s19b4f0', 'x3000c0s19b4', 'x3000c0s19b4f1'],
  ['Node', 'x3000c0s19b4n0', 'x3000c0s19b4', 'x3000c0s19b4n', 'x3000c8s19b4n0', 'x30000c0s19b4n0'],
  ['VirtualNode', 'x3000c0s19b4n0v9', 'x3000c0s19b4n0', 'x3000c0s19b4n0v'],
  ['Processor', 'x3000c0s19b4n0p3', 'x3000c0s19b4n0', 'x3000c0s19b4n0p4'],
  ['Memory', 'x3000c0s19b4n0d15', 'x3000c0s19b4n0', 'x3000c0s19b4n0d'],
  ['NodeAccel', 'x3000c0s19b4n0a10', 'x3000c0s19b4n0', 'x3000c0s19b4n0a'],
  ['NodeAccelRiser', 'x3000c0s19b4n0r7', 'x3000c0s19b4n0', 'x3000c0s19b4n0r8'],
  ['NodeNic', 'x3000c0s19b4n0i3', 'x3000c0s19b4n0', 'x3000c0s19b4n0i4'],
  ['NodeHsnNic', 'x3000c0s19b4n0h3', 'x3000c0s19b4n0', 'x3000c0s19b4n0h4'],
  ['StorageGroup', 'x3000c0s19b4n0g10', 'x3000c0s19b4n0', 'x3000c0s19b4n0g'],
  ['Drive', 'x3000c0s19b4n0g1k20', 'x3000c0s19b4n0g1', 'x3000c0s19b4n0g1k'],
  ['RouterModule', 'x1000c3r7', 'x1000c3', 'x1000c3r'],
  ['HSNBoard', 'x1000c3r7e1', 'x1000c3r7', 'x1000c3r7e'],
  ['RouterFpga', 'x1000c3r7f1', 'x1000c3r7', 'x1000c3r7f2'],
  ['RouterTOR', 'x1000c3r7t12', 'x1000c3r7', 'x1000c3r7t'],
  ['RouterTORFpga', 'x1000c3r7t12f1', 'x1000c3r7t12', 'x1000c3r7t12f2'],
  ['RouterBMC', 'x1000c3r7b0', 'x1000c3r7', 'x1000c3r7b'],
  ['RouterBMCNic', 'x1000c3r7b0i3', 'x1000c3r7b0', 'x1000c3r7b0i4'],
  ['RouterPowerConnector', 'x1000c3r7v2', 'x1000c3r7', 'x1000c3r7v3'],
  ['HSNAsic', 'x1000c3r7a3', 'x1000c3r7', 'x1000c3r7a4'],
  ['HSNLink', 'x1000c3r7a3l63', 'x1000c3r7a3', 'x1000c3r7a3l'],
  ['HSNConnector', 'x1000c3r7j32', 'x1000c3r7', 'x1000c3r7j0'],
  ['HSNConnectorPort', 'x1000c3r7j32p2', 'x1000c3r7j32', 'x1000c3r7j32p3'],
  ['MgmtSwitch', 'x3000c0w14', 'x3000c0', 'x3000c0w0'],
  ['MgmtSwitchConnector', 'x3000c0w14j5', 'x3000c0w14', 'x3000c0w14j0'],
  ['MgmtHLSwitchEnclosure', 'x3000c0h33', 'x3000c0', 'x3000c0h0'],
  ['MgmtHLSwitch', 'x3000c0h33s1', 'x3000c0h33', 'x3000c0h33s0', 'x3000c0h33s10'],
]

describe('xnames', () => {
  it.each(rows.map(([type, name, parent, ...outside]) => ({ type, name, parent, outside })))(
    '$type: $name',
    ({ type, name, parent, outside }) => {
      expect(parseXname(name)).toEqual({ xname: name, type })
      expect(parentOf(name)).toBe(parent)
      for (const other of outside) expect(parseXname(other)).toBeNull()
    },
  )

  it('knows every type of the grammar', () => {
    expect(new Set(rows.map(([type]) => type)).size).toBe(55)
  })

  it.each([
    ['x3000C0s09b0n0', 'x3000c0s9b0n0'],
    [' X0003c00S000b00N000\n', 'x3c0s0b0n0'],
    ['x1000c0s10b0n0', 'x1000c0s10b0n0'],
    ['P007.010', 'p7.10'],
  ])('normalizes %j to %s', (written, xname) => {
    expect(parseXname(written)?.xname).toBe(xname)
  })

  it.each([
    '',
    'x3000c0s19b4n0;reboot',
    'x3000 c0',
    'nid000004',
    'ncn-m001',
    'x3000c0n0',
    'x3000c0s19b4n0z1',
    'c0s0b0n0',
    'xx3000',
    `x3000c0s${'1'.repeat(200)}`,
    'toString',
  ])('takes %j for no xname', (text) => {
    expect(parseXname(text)).toBeNull()
    expect(parentOf(text)).toBeNull()
    expect(lineageOf(text)).toEqual([])
    expect(elementsOf(text)).toEqual([])
  })

  it('knows a node from what is near it', () => {
    expect(['x3000c0s19b4n0', 'X3000C0S19B4N0', 'x3000c0s19b4n0v1'].map(isNode)).toEqual([
      true,
      true,
      true,
    ])
    expect(['x3000c0s19b4', 'x3000c0s19', 'x3000c0r1b0', 'nid000004', 'sms1'].map(isNode)).toEqual([
      false,
      false,
      false,
      false,
      false,
    ])
  })

  it('gives what a node lies in, from the cabinet down', () => {
    expect(lineageOf('X3000c0s19b4n0').map((each) => `${each.type} ${each.xname}`)).toEqual([
      'Cabinet x3000',
      'Chassis x3000c0',
      'ComputeModule x3000c0s19',
      'NodeBMC x3000c0s19b4',
      'Node x3000c0s19b4n0',
    ])
    expect(elementsOf('x3000c0s019b4n0').map((each) => each.letters + each.number)).toEqual([
      'x3000',
      'c0',
      's19',
      'b4',
      'n0',
    ])
  })
})

describe('the order of names', () => {
  it.each([
    ['x3000c0s2b0n0', 'x3000c0s10b0n0'],
    ['x999c0s0b0n0', 'x1000c0s0b0n0'],
    ['x1000c0s1b0n0', 'x1000c1s0b0n0'],
    ['x1000c0s1b0', 'x1000c0s1b0n0'],
    ['ncn-m2', 'ncn-m010'],
    ['ncn-m003', 'ncn-w001'],
    ['nid000999', 'nid001000'],
    ['n9', 'n99999999999999999999998'],
    ['n99999999999999999999998', 'n99999999999999999999999'],
    ['n01', 'n1'],
    ['10.0.0.9', '10.0.0.10'],
    ['', 'a'],
  ])('%s comes before %s', (first, second) => {
    expect(compareNames(first, second)).toBeLessThan(0)
    expect(compareNames(second, first)).toBeGreaterThan(0)
    expect(compareNames(first, first)).toBe(0)
  })

  it('is one order, whatever the names are', () => {
    const names = [
      'a',
      'a1',
      'a01',
      'a1b',
      'a01b2',
      'a1b10',
      'a10',
      'a2',
      'b',
      '1',
      '01',
      '10',
      '2',
      'a0',
      'a00',
      'a-1',
      '',
    ]
    for (const a of names)
      for (const b of names)
        for (const c of names) {
          if (compareNames(a, b) < 0 && compareNames(b, c) < 0)
            expect(compareNames(a, c)).toBeLessThan(0)
        }
  })
})
