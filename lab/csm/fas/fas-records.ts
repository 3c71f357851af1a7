import { randomUUID } from 'node:crypto'

/** An image of firmware, as FAS keeps it. */
export interface FirmwareImage {
  readonly imageID: string
  readonly createTime: string
  readonly deviceType: string
  readonly manufacturer: string
  readonly models: readonly string[]
  readonly softwareIds: readonly string[]
  readonly target: string
  readonly tags: readonly string[]
  readonly firmwareVersion: string
  readonly semanticFirmwareVersion: string
  readonly updateURI: string
  readonly needManualReboot: boolean
  readonly waitTimeBeforeManualRebootSeconds: number
  readonly waitTimeAfterRebootSeconds: number
  readonly pollingSpeedSeconds: number
  readonly forceResetType: string
  readonly s3URL: string
  readonly tftpURL: string
  readonly allowableDeviceStates: readonly string[]
}

/** What an action was asked for, in the words of FAS. */
export interface ActionParameters {
  readonly stateComponentFilter: {
    readonly partitions?: readonly string[]
    readonly groups?: readonly string[]
    readonly xnames?: readonly string[]
    readonly deviceTypes?: readonly string[]
  }
  readonly inventoryHardwareFilter: { readonly manufacturer?: string; readonly model?: string }
  readonly imageFilter: { readonly imageID: string; readonly overrideImage: boolean }
  readonly targetFilter: { readonly targets?: readonly string[] }
  readonly command: ActionCommand
}

/** How an action is done. */
export interface ActionCommand {
  readonly overrideDryrun: boolean
  readonly restoreNotPossibleOverride: boolean
  readonly overwriteSameImage: boolean
  readonly timeLimit?: number
  readonly version: string
  readonly tag: string
  readonly description: string
}

/** The states of an operation, in the order in which FAS lists them. */
export const operationStates = [
  'initial',
  'configured',
  'blocked',
  'inProgress',
  'needsVerified',
  'verifying',
  'failed',
  'succeeded',
  'noOperation',
  'noSolution',
  'aborted',
  'unknown',
] as const
export type OperationState = (typeof operationStates)[number]

/** What an action does to one target of one device. */
export interface Operation {
  readonly id: string
  readonly action: string
  readonly xname: string
  readonly deviceType: string
  readonly target: string
  readonly targetName: string
  readonly manufacturer: string
  readonly model: string
  readonly fromVersion: string
  readonly fromImage: string
  readonly toImage: string
  readonly started: number
  readonly expires: number | null
  ended: number | null
  refreshed: number
  state: OperationState
  helper: string
  error: string
  blockedBy: readonly string[]
}

/** An action as the lab remembers it. */
export interface Action {
  readonly id: string
  readonly parameters: ActionParameters
  readonly started: number
  ended: number | null
  state: 'new' | 'configured' | 'blocked' | 'running' | 'completed' | 'abortSignaled' | 'aborted'
  operations: readonly Operation[]
  blockedBy: readonly string[]
  errors: readonly string[]
}

/** The firmware of devices at a moment. */
export interface Snapshot {
  readonly name: string
  readonly captured: number
  readonly expires: number | null
  readonly parameters: Readonly<Record<string, unknown>>
  ready: boolean
  devices: readonly {
    readonly xname: string
    readonly targets: readonly {
      readonly name: string
      readonly targetName: string
      readonly version: string
      readonly image: string
    }[]
  }[]
  actions: readonly string[]
}

/** What FAS remembers, and what the devices run. */
export interface FasState {
  readonly images: Map<string, FirmwareImage>
  readonly actions: Map<string, Action>
  readonly snapshots: Map<string, Snapshot>
  /** The versions that differ from those of an installation, by `xname target`. */
  readonly versions: Map<string, string>
}

/** What FAS holds after an installation: two versions for each kind of device, of which the devices run the older. */
export function newFas(isInstalled: boolean, at: number): FasState {
  const images = isInstalled ? kinds.flatMap((kind) => imagesOf(kind, at)) : []
  return {
    images: new Map(images.map((each) => [each.imageID, each])),
    actions: new Map(),
    snapshots: new Map(),
    versions: new Map(),
  }
}

interface Kind {
  readonly manufacturer: string
  readonly model: string
  readonly target: string
  readonly targetName: string
  readonly versions: readonly [string, string]
  readonly states: readonly string[]
}

/** The kinds of firmware that the lab's controllers have. */
export const kinds: readonly Kind[] = [
  {
    manufacturer: 'hpe',
    model: 'ProLiant DL325 Gen10 Plus',
    target: '1',
    targetName: 'iLO 5',
    versions: ['2.44.0', '2.78.0'],
    states: [],
  },
  {
    manufacturer: 'hpe',
    model: 'ProLiant DL325 Gen10 Plus',
    target: '2',
    targetName: 'System ROM',
    versions: ['2.40.0', '2.56.0'],
    states: [],
  },
  {
    manufacturer: 'cray',
    model: 'WNC_REV_B',
    target: 'BMC',
    targetName: '',
    versions: ['1.3.10', '1.9.5'],
    states: [],
  },
  {
    manufacturer: 'cray',
    model: 'WNC_REV_B',
    target: 'Node0.BIOS',
    targetName: '',
    versions: ['1.2.4', '1.7.2'],
    states: ['Off'],
  },
]

function imagesOf(kind: Kind, at: number): readonly FirmwareImage[] {
  return kind.versions.map((version) => ({
    imageID: randomUUID(),
    createTime: new Date(at).toISOString().replace(/\.\d+/, ''),
    deviceType: 'nodeBMC',
    manufacturer: kind.manufacturer,
    models: [kind.model],
    softwareIds: [],
    target: kind.targetName || kind.target,
    tags: ['default'],
    firmwareVersion: version,
    semanticFirmwareVersion: version,
    updateURI: '',
    needManualReboot: false,
    waitTimeBeforeManualRebootSeconds: 0,
    waitTimeAfterRebootSeconds: 0,
    pollingSpeedSeconds: 0,
    forceResetType: '',
    s3URL: `s3:/fw-update/${randomUUID().replaceAll('-', '')}/${kind.target}-${version}.bin`,
    tftpURL: '',
    allowableDeviceStates: kind.states,
  }))
}
