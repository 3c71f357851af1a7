/** Where the nodes find packages.local, and the runner has its end of the network. */
export const gateway = '10.92.100.1'
/** A folder in memory that is gone with the namespaces. */
export const work = told('TRUEUP_REAL_WORK')
/** The root that nodes lay their changes over. */
export const golden = told('TRUEUP_REAL_GOLDEN')
/** RPMs, repositories and certificates. */
export const built = told('TRUEUP_REAL_BUILT')
/** The root of a Ceph cluster, the repository of its commands, and what user-mode Linux needs. */
export const storage = told('TRUEUP_REAL_STORAGE')
/** The root of a Debian that systemd runs, and the repository of its apt. */
export const debian = told('TRUEUP_REAL_DEBIAN')

/** What `npm run package` made, and the tarball for npm. */
export const packages = told('TRUEUP_REAL_PACKAGES')

function told(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set: these tests run by \`npm run test:real\` alone`)
  return value
}
