import { randomUUID } from 'node:crypto'
import { goBool, goInt, goString, goStrings, goStruct, unmarshal } from '../go/go-json.ts'
import { noUuid, uuidIn } from '../go/go-uuid.ts'
import { empty, json, type Asked, type Reply, type Route } from '../service-route.ts'
import type { System } from '../system.ts'
import type { FirmwareImage } from './fas-records.ts'
import { fasProblem, foundIn } from './fas-replies.ts'
import { semanticVersion } from './firmware-images.ts'

const source = 'hms-firmware-action:internal/domain/images.go'

/** Images of firmware. */
export const fasImageRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/images',
    source,
    answer: (_asked, { fas }) =>
      json(200, {
        images: [...fas.images.values()]
          .toSorted((a, b) => (a.imageID < b.imageID ? -1 : 1))
          .map((each) => shown(each)),
      }),
  },
  { method: 'POST', path: '/images', source, answer: create },
  { method: 'GET', path: '/images/:id', source, answer: describe },
  { method: 'PUT', path: '/images/:id', source, answer: put },
  { method: 'DELETE', path: '/images/:id', source, answer: remove },
]

const rawImage = goStruct('presentation.RawImage', {
  deviceType: goString,
  manufacturer: goString,
  models: goStrings,
  softwareIds: goStrings,
  target: goString,
  tags: goStrings,
  firmwareVersion: goString,
  semanticFirmwareVersion: goString,
  updateURI: goString,
  needManualReboot: goBool,
  waitTimeBeforeManualRebootSeconds: goInt,
  waitTimeAfterRebootSeconds: goInt,
  pollingSpeedSeconds: goInt,
  forceResetType: goString,
  s3URL: goString,
  tftpURL: goString,
  allowableDeviceStates: goStrings,
})

// What is empty is left out.
function shown(image: FirmwareImage): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(image).filter(
      ([, value]) =>
        value !== '' && value !== false && value !== 0 && !(Array.isArray(value) && !value.length),
    ),
  )
}

function imageIn(
  asked: Asked,
  system: System,
  imageID: string,
): FirmwareImage | { readonly wrong: string } {
  const body = unmarshal(asked.body, rawImage)
  if (body.error !== null) return { wrong: body.error }
  const raw = body.value as Partial<FirmwareImage>
  const version = semanticVersion(raw.semanticFirmwareVersion ?? '')
  if (version === null) return { wrong: 'invalid semantic version' }
  const image: FirmwareImage = {
    imageID,
    createTime: new Date(system.now()).toISOString().replace(/\.\d+/, ''),
    deviceType: '',
    manufacturer: '',
    models: [],
    softwareIds: [],
    target: '',
    tags: [],
    firmwareVersion: '',
    updateURI: '',
    needManualReboot: false,
    waitTimeBeforeManualRebootSeconds: 0,
    waitTimeAfterRebootSeconds: 0,
    pollingSpeedSeconds: 0,
    forceResetType: '',
    s3URL: '',
    tftpURL: '',
    allowableDeviceStates: [],
    ...raw,
    semanticFirmwareVersion: version,
  }
  const missing = missingIn(image)
  return missing === null ? image : { wrong: missing }
}

function missingIn(image: FirmwareImage): string | null {
  if (image.imageID === noUuid) return 'imageID cannot be Nil'
  if (image.softwareIds.length === 0) {
    if (image.deviceType === '') return 'deviceType is required'
    if (image.manufacturer === '') return 'manufacturer is required'
    if (image.models.length === 0) return 'models is required'
  }
  if (image.target === '') return 'target is required'
  if (image.firmwareVersion === '') return 'firmwareVersion is required'
  if (image.s3URL === '') return 'S3URL is required'
  return image.tags.length === 0 ? 'tags cannot be empty' : null
}

function create(asked: Asked, system: System): Reply {
  const image = imageIn(asked, system, randomUUID())
  if ('wrong' in image) return fasProblem(400, image.wrong)
  system.fas.images.set(image.imageID, image)
  return {
    ...json(200, { imageID: image.imageID }),
    headers: { location: `../images/${image.imageID}` },
  }
}

function describe(asked: Asked, { fas }: System): Reply {
  const found = foundIn(asked, 'id', fas.images, 'images')
  return 'refused' in found ? found.refused : json(200, shown(found.value))
}

function put(asked: Asked, system: System): Reply {
  const id = uuidIn(asked.params['id']!)
  if ('error' in id) return fasProblem(400, id.error)
  const image = imageIn(asked, system, id.value)
  if ('wrong' in image) return fasProblem(400, image.wrong)
  const status = system.fas.images.has(id.value) ? 200 : 201
  system.fas.images.set(id.value, image)
  return empty(status)
}

function remove(asked: Asked, { fas }: System): Reply {
  const found = foundIn(asked, 'id', fas.images, 'images')
  if ('refused' in found) return found.refused
  fas.images.delete(found.value.imageID)
  return empty(204)
}
