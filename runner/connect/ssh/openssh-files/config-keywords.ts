/** Every keyword that OpenSSH's client knows, past ones too; any other is an error, as it is there. */
export const knownKeywords: ReadonlySet<string> = new Set(
  `addkeystoagent addressfamily afstokenpassing batchmode bindaddress bindinterface canonicaldomains canonicalizefallbacklocal
  canonicalizehostname canonicalizemaxdots canonicalizepermittedcnames casignaturealgorithms certificatefile
  challengeresponseauthentication channeltimeout checkhostip cipher ciphers clearallforwardings compression compressionlevel
  connectionattempts connecttimeout controlmaster controlpath controlpersist dsaauthentication dynamicforward
  enableescapecommandline enablesshkeysign escapechar exitonforwardfailure fallbacktorsh fingerprinthash forkafterauthentication
  forwardagent forwardx11 forwardx11timeout forwardx11trusted gatewayports globalknownhostsfile globalknownhostsfile2
  gssapiauthentication gssapiclientidentity gssapidelegatecredentials gssapikexalgorithms gssapikeyexchange
  gssapirenewalforcesrekey gssapiserveridentity gssapitrustdns hashknownhosts host hostbasedacceptedalgorithms
  hostbasedauthentication hostbasedkeytypes hostkeyalgorithms hostkeyalias hostname identitiesonly identityagent identityfile
  identityfile2 ignoreunknown include ipqos kbdinteractiveauthentication kbdinteractivedevices keepalive
  kerberosauthentication kerberostgtpassing kexalgorithms knownhostscommand localcommand localforward loglevel logverbose macs
  match nohostauthenticationforlocalhost numberofpasswordprompts obscurekeystroketiming passwordauthentication
  permitlocalcommand permitremoteopen pkcs11provider port preferredauthentications protocol protocolkeepalives proxycommand
  proxyjump proxyusefdpass pubkeyacceptedalgorithms pubkeyacceptedkeytypes pubkeyauthentication refuseconnection rekeylimit
  remotecommand remoteforward requesttty requiredrsasize revokedhostkeys rhostsauthentication rhostsrsaauthentication
  rsaauthentication securitykeyprovider sendenv serveralivecountmax serveraliveinterval sessiontype setenv setuptimeout
  skeyauthentication smartcarddevice stdinnull streamlocalbindmask streamlocalbindunlink stricthostkeychecking
  syslogfacility tag tcpkeepalive tisauthentication tunnel tunneldevice updatehostkeys usekeychain useprivilegedport user
  userknownhostsfile userknownhostsfile2 useroaming usersh verifyhostkeydns versionaddendum visualhostkey warnweakcrypto
  xauthlocation`.split(/\s+/),
)

/** Keywords whose value is the rest of the line, spaces and all. */
export const restOfLine: ReadonlySet<string> = new Set([
  'proxycommand',
  'localcommand',
  'remotecommand',
  'knownhostscommand',
])

/** What this transport reads, and the form that each value must have. */
export const valueForms: Readonly<
  Record<string, 'text' | 'texts' | 'port' | 'count' | 'time' | 'yes/no' | readonly string[]>
> = {
  hostname: 'text',
  user: 'text',
  port: 'port',
  identityfile: 'text',
  identitiesonly: 'yes/no',
  identityagent: 'text',
  proxyjump: 'text',
  userknownhostsfile: 'texts',
  globalknownhostsfile: 'texts',
  hostkeyalias: 'text',
  hostkeyalgorithms: 'text',
  kexalgorithms: 'text',
  ciphers: 'text',
  macs: 'text',
  hashknownhosts: 'yes/no',
  stricthostkeychecking: ['yes', 'no', 'ask', 'accept-new', 'off', 'true', 'false'],
  connecttimeout: 'time',
  serveraliveinterval: 'time',
  serveralivecountmax: 'count',
  preferredauthentications: 'text',
  pubkeyauthentication: ['yes', 'no', 'true', 'false', 'unbound', 'host-bound'],
  passwordauthentication: 'yes/no',
  kbdinteractiveauthentication: 'yes/no',
  challengeresponseauthentication: 'yes/no',
  addressfamily: ['any', 'inet', 'inet6'],
  bindaddress: 'text',
  checkhostip: 'yes/no',
  requiredrsasize: 'count',
  pubkeyacceptedalgorithms: 'text',
  pubkeyacceptedkeytypes: 'text',
  hostbasedacceptedalgorithms: 'text',
  casignaturealgorithms: 'text',
  certificatefile: 'text',
  pkcs11provider: 'text',
  securitykeyprovider: 'text',
  canonicalizehostname: ['yes', 'no', 'always', 'none', 'true', 'false'],
  bindinterface: 'text',
  revokedhostkeys: 'text',
}

/** What ssh_config may ask for and this transport does not do, in words, with the values that ask for nothing. Each is said once where it applies. */
export const undoneKeywords: Readonly<
  Record<string, { readonly harmless: readonly string[]; readonly words: string }>
> = {
  forwardagent: {
    harmless: ['no', 'false'],
    words: 'no agent is forwarded, so commands on the host find none',
  },
  setenv: { harmless: [], words: 'the variables are not set; `environment:` of a task sets some' },
  localcommand: { harmless: ['none'], words: 'the command is not run on this machine' },
  verifyhostkeydns: {
    harmless: ['no', 'false'],
    words: 'fingerprints in the DNS are not looked up; the known_hosts files decide alone',
  },
}

/** Keywords that change neither which machine is reached nor what is trusted, and that this transport passes over without a word. docs/inventory.md lists them. */
export const silentKeywords: ReadonlySet<string> = new Set(
  `addkeystoagent batchmode canonicaldomains canonicalizefallbacklocal canonicalizemaxdots canonicalizepermittedcnames
  casignaturealgorithms channeltimeout clearallforwardings compression connectionattempts controlmaster controlpath
  controlpersist dynamicforward enableescapecommandline enablesshkeysign escapechar exitonforwardfailure fingerprinthash
  forkafterauthentication forwardx11 forwardx11timeout forwardx11trusted gatewayports gssapiauthentication gssapiclientidentity
  gssapidelegatecredentials gssapikexalgorithms gssapikeyexchange gssapirenewalforcesrekey gssapiserveridentity gssapitrustdns
  hostbasedacceptedalgorithms hostbasedauthentication ipqos kbdinteractivedevices localforward loglevel logverbose
  nohostauthenticationforlocalhost numberofpasswordprompts obscurekeystroketiming permitlocalcommand permitremoteopen
  proxyusefdpass rekeylimit remoteforward requesttty sendenv stdinnull streamlocalbindmask streamlocalbindunlink
  syslogfacility tag tcpkeepalive tunnel tunneldevice updatehostkeys versionaddendum visualhostkey warnweakcrypto
  xauthlocation`.split(/\s+/),
)

/** Directives that would change which machine is reached or what is trusted, and that this transport does not have; each with the values that change nothing. */
export const refusedKeywords: Readonly<Record<string, readonly string[]>> = {
  proxycommand: ['none'],
  certificatefile: ['none'],
  pkcs11provider: ['none'],
  securitykeyprovider: ['none', 'internal'],
  canonicalizehostname: ['no', 'none', 'false'],
  remotecommand: ['none'],
  knownhostscommand: ['none'],
  revokedhostkeys: ['none'],
  bindinterface: ['none'],
  sessiontype: ['default'],
  refuseconnection: [],
}

/** The criteria of `Match` that this transport can judge. */
export const matchCriteria: ReadonlySet<string> = new Set([
  'host',
  'originalhost',
  'user',
  'localuser',
  'all',
  'final',
  'canonical',
])
/** The criteria of `Match` that OpenSSH knows and this transport refuses by name. */
export const refusedCriteria: ReadonlySet<string> = new Set([
  'exec',
  'localnetwork',
  'tagged',
  'command',
  'version',
  'sessiontype',
])
