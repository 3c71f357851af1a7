import type { ParamFault } from '../../contract/resource.ts'

/** What is wrong with the address of a repository, as far as its text tells; zypper has the last word. */
export function urlFault(url: string): ParamFault | null {
  if (url.includes('$'))
    return {
      message: 'zypper shows its variables resolved, so an address with one would never be true',
      hint: 'write facts in their place: {{ facts.sp }} and {{ facts.arch }}',
    }
  if (/^(?:https?|ftps?|nfs4?|smb|cifs):(?!\/\/[^/])/.test(url))
    return { message: `'${url}' names no host`, hint: 'write SCHEME://HOST/PATH' }
  return known.test(url)
    ? null
    : {
        message: `zypper knows no address that begins with '${url.split(':')[0]}:'`,
        hint: 'write https://, http://, ftp://, dir:///, iso:/, cd:/, dvd:/, hd:/, nfs:// or smb://',
      }
}

const known = /^(?:https?|ftps?|tftp|sftp|nfs4?|smb|cifs|dir|file|iso|cd|dvd|hd|obs|plugin):/
