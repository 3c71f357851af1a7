import { mergePatch } from '../../kubernetes/merge-patch.ts'
import { noCloudInit, type CloudInit } from './boot-records.ts'

/** Cloud-init as it was, changed by what is given: data by an RFC 7386 merge, the words of a phone call as a whole. */
export function mergedCloudInit(held: CloudInit, given: Partial<CloudInit>): CloudInit {
  const phone = given['phone-home'] ?? {}
  return {
    'meta-data': mergedData(held['meta-data'], given['meta-data']),
    'user-data': mergedData(held['user-data'], given['user-data']),
    'phone-home': Object.values(phone).some((each) => each !== '')
      ? { ...noCloudInit['phone-home'], ...phone }
      : held['phone-home'],
  }
}

type Data = CloudInit['meta-data']

function mergedData(held: Data, given: Data | undefined): Data {
  if (!given || Object.keys(given).length === 0) return held
  return held === null || Object.keys(held).length === 0 ? given : (mergePatch(held, given) as Data)
}
