import { readFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import {
  knownKeywords,
  refusedKeywords,
  silentKeywords,
  undoneKeywords,
  valueForms,
} from './config-keywords.ts'

/** What `ssh -G` of OpenSSH 9.2 prints, in Debian's build. */
const printed =
  `host user hostname port addressfamily batchmode canonicalizefallbacklocal canonicalizehostname checkhostip
  compression controlmaster enablesshkeysign clearallforwardings exitonforwardfailure fingerprinthash forwardx11
  forwardx11trusted gatewayports gssapiauthentication gssapikeyexchange gssapidelegatecredentials gssapitrustdns
  gssapirenewalforcesrekey gssapikexalgorithms hashknownhosts hostbasedauthentication identitiesonly
  kbdinteractiveauthentication nohostauthenticationforlocalhost passwordauthentication permitlocalcommand proxyusefdpass
  pubkeyauthentication requesttty sessiontype stdinnull forkafterauthentication streamlocalbindunlink stricthostkeychecking
  tcpkeepalive tunnel verifyhostkeydns visualhostkey updatehostkeys enableescapecommandline canonicalizemaxdots
  connectionattempts forwardx11timeout numberofpasswordprompts serveralivecountmax serveraliveinterval requiredrsasize ciphers
  hostkeyalgorithms hostbasedacceptedalgorithms kexalgorithms casignaturealgorithms loglevel macs securitykeyprovider
  pubkeyacceptedalgorithms xauthlocation identityfile canonicaldomains globalknownhostsfile userknownhostsfile logverbose
  permitremoteopen addkeystoagent forwardagent connecttimeout tunneldevice canonicalizepermittedcnames controlpersist escapechar
  ipqos rekeylimit streamlocalbindmask syslogfacility`.split(/\s+/)

const done = new Set(
  Object.keys(valueForms).filter(
    (keyword) => !(keyword in refusedKeywords) && !silentKeywords.has(keyword),
  ),
)

describe('each keyword of OpenSSH', () => {
  it('that ssh -G prints is done, refused, said or listed as not done, and only one of these', () => {
    const own = spawnSync('ssh', ['-G', '-F', 'none', 'h'], { encoding: 'utf8' }).stdout ?? ''
    const here = own.split('\n').map((line) => line.split(' ')[0]!.toLowerCase())
    for (const keyword of new Set([...printed, ...here.filter((each) => each !== '')])) {
      if (keyword === 'host') continue
      const places = [
        done.has(keyword),
        keyword in refusedKeywords,
        keyword in undoneKeywords,
        silentKeywords.has(keyword),
      ]
      expect([keyword, places.filter(Boolean).length]).toEqual([keyword, 1])
      expect(knownKeywords.has(keyword), keyword).toBe(true)
    }
  })

  it('that is not done stands in docs/inventory.md', () => {
    const page = readFileSync('docs/inventory.md', 'utf8').toLowerCase()
    for (const keyword of [
      ...Object.keys(refusedKeywords),
      ...Object.keys(undoneKeywords),
      ...silentKeywords,
    ])
      expect(page, keyword).toContain(`\`${keyword}\``)
  })
})
