import type { ParamFault } from '../../contract/resource.ts'
import { hostFault } from '../repository-address.ts'

/** What is wrong with the address of a repository, as far as its text tells; zypper has the last word. */
export function urlFault(url: string): ParamFault | null {
  if (url.includes('$'))
    return {
      message: 'zypper shows its variables resolved, so an address with one would never be true',
      hint: 'write facts in their place: {{ facts.sp }} and {{ facts.arch }}',
    }
  const fault = hostFault(url)
  if (fault) return fault
  return known.test(url)
    ? null
    : {
        message: `zypper knows no address that begins with '${url.split(':')[0]}:'`,
        hint: 'write https://, http://, ftp://, dir:///, iso:/, cd:/, dvd:/, hd:/, nfs:// or smb://',
      }
}

const known = /^(?:https?|ftps?|tftp|sftp|nfs4?|smb|cifs|dir|file|iso|cd|dvd|hd|obs|plugin):/
