// The lists depend on what this Node and its OpenSSL have; the package declares no types for them.
declare module 'ssh2/lib/protocol/constants.js' {
  const constants: Readonly<
    Record<
      | 'DEFAULT_KEX'
      | 'SUPPORTED_KEX'
      | 'DEFAULT_CIPHER'
      | 'SUPPORTED_CIPHER'
      | 'DEFAULT_MAC'
      | 'SUPPORTED_MAC',
      readonly string[]
    >
  >
  export = constants
}
