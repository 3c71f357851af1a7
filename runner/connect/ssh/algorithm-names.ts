import { matchesPattern } from './openssh-files/host-pattern.ts'

const plainKeys = words(`ssh-ed25519 sk-ssh-ed25519@openssh.com ecdsa-sha2-nistp256
  ecdsa-sha2-nistp384 ecdsa-sha2-nistp521 sk-ecdsa-sha2-nistp256@openssh.com rsa-sha2-512
  rsa-sha2-256 ssh-rsa ssh-dss webauthn-sk-ecdsa-sha2-nistp256@openssh.com ssh-xmss@openssh.com`)

/** The keywords of ssh_config that hold a list of algorithms, each with every name that some release of OpenSSH has. */
const algorithmNames: Readonly<Record<string, readonly string[]>> = {
  hostkeyalgorithms: withCertificates(plainKeys),
  pubkeyacceptedalgorithms: withCertificates(plainKeys),
  hostbasedacceptedalgorithms: withCertificates(plainKeys),
  casignaturealgorithms: plainKeys,
  kexalgorithms: words(`curve25519-sha256 curve25519-sha256@libssh.org ecdh-sha2-nistp256
    ecdh-sha2-nistp384 ecdh-sha2-nistp521 diffie-hellman-group-exchange-sha256
    diffie-hellman-group-exchange-sha1 diffie-hellman-group18-sha512 diffie-hellman-group16-sha512
    diffie-hellman-group14-sha256 diffie-hellman-group14-sha1 diffie-hellman-group1-sha1
    sntrup761x25519-sha512 sntrup761x25519-sha512@openssh.com
    sntrup4591761x25519-sha512@tinyssh.org mlkem768x25519-sha256`),
  ciphers: words(`aes128-gcm@openssh.com aes256-gcm@openssh.com aes128-ctr aes192-ctr aes256-ctr
    aes128-cbc aes192-cbc aes256-cbc rijndael-cbc@lysator.liu.se chacha20-poly1305@openssh.com
    3des-cbc blowfish-cbc cast128-cbc arcfour arcfour128 arcfour256`),
  macs: words(`hmac-sha2-256 hmac-sha2-512 hmac-sha1 hmac-sha1-96 hmac-md5 hmac-md5-96
    hmac-ripemd160 hmac-ripemd160@openssh.com umac-64@openssh.com umac-128@openssh.com
    hmac-sha2-256-etm@openssh.com hmac-sha2-512-etm@openssh.com hmac-sha1-etm@openssh.com
    hmac-sha1-96-etm@openssh.com hmac-md5-etm@openssh.com hmac-md5-96-etm@openssh.com
    hmac-ripemd160-etm@openssh.com umac-64-etm@openssh.com umac-128-etm@openssh.com`),
}

/** The first word of a list that names no algorithm, or null. OpenSSH does not check what a list takes away. */
export function unknownAlgorithm(keyword: string, written: string): string | null {
  const names = algorithmNames[keyword]
  if (names === undefined || written.startsWith('-')) return null
  const patterns = written.replace(/^[+^]/, '').split(',')
  return patterns.find((pattern) => !names.some((name) => matchesPattern(pattern, name))) ?? null
}

function withCertificates(plain: readonly string[]): readonly string[] {
  return plain.flatMap((name) => {
    const bare = name.replace(/@openssh\.com$/, '')
    return [name, `${bare}-cert-v01@openssh.com`]
  })
}

function words(text: string): readonly string[] {
  return text.split(/\s+/)
}
