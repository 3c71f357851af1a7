import type { ParamFault } from '../contract/resource.ts'

/** What is wrong with the address of a repository whose scheme wants a host, and that names none; null where it names one. */
export function hostFault(url: string): ParamFault | null {
  return /^(?:https?|ftps?|nfs4?|smb|cifs):(?!\/\/[^/])/.test(url)
    ? { message: `'${url}' names no host`, hint: 'write SCHEME://HOST/PATH' }
    : null
}

/** What apt and dnf fetch from. */
const schemes = /^(?:(?:mirror\+|tor\+)?https?|ftp|file|cdrom|copy|ssh|rsh|s3|mirror(?:\+file)?):/

/** What is wrong with the address of a repository of apt or dnf, as far as its text tells. */
export function addressFault(url: string): ParamFault | null {
  return (
    hostFault(url) ??
    (schemes.test(url)
      ? null
      : {
          message: `neither apt nor dnf knows an address that begins with '${url.split(':')[0]}:'`,
          hint: 'write https://, http://, ftp://, file:/, copy:/, cdrom:/ or ssh://',
        })
  )
}
