import { isIP } from 'node:net'
import { normalized, typeOfName } from '../go/normalized-xname.ts'
import type { Endpoint } from './inventory-records.ts'

/** A controller as a request describes it. */
export type GivenEndpoint = Readonly<Partial<Record<string, any>>>

const controllers = new Set([
  'CabinetPDUController',
  'CabinetBMC',
  'ChassisBMC',
  'NodeBMC',
  'RouterBMC',
  'MgmtSwitch',
  'MgmtHLSwitch',
  'CDUMgmtSwitch',
])

/** The controller that is described, checked and completed as HSM does it; or what HSM says is wrong. */
export function describedEndpoint(given: GivenEndpoint): Endpoint | { readonly error: string } {
  const name = nameOf(given)
  if ('error' in name) return name
  const { host, domain, isAddress } = name
  const ID = normalized(given['ID'] ? bare(given['ID']) : host)
  if (ID === '') return { error: 'No xname ID found' }
  const type = typeOfName(ID)
  if (type === null) return { error: `${ID} is not a valid locational xname ID` }
  if (!controllers.has(type))
    return { error: `xname ID ${ID} has wrong type for RF endpoint: ${type}` }
  const called = host === '' ? ID : host
  const FQDN = domain !== '' && !isAddress ? `${called}.${domain}` : called
  const written: string = given['FQDN'] ?? ''
  if (written !== '' && FQDN !== written)
    return { error: `host/domain conflicts with FQDN: '${FQDN}' != '${written}'` }
  const address = addressOf(given['IPAddress'] ?? '', host, isAddress)
  if (typeof address !== 'string') return address
  return {
    ID,
    Type: type,
    Name: given['Name'] ?? '',
    Hostname: host,
    Domain: domain,
    FQDN,
    Enabled: given['Enabled'] ?? true,
    UUID: given['UUID'] ?? '',
    User: given['User'] ?? '',
    UseSSDP: given['UseSSDP'] ?? false,
    MACRequired: given['MACRequired'] ?? false,
    MACAddr: given['MACAddr'] ?? '',
    IPAddress: address,
    RediscoverOnUpdate: given['RediscoverOnUpdate'] ?? false,
    TemplateID: given['TemplateID'] ?? '',
    discovery: { at: null, status: 'NotYetQueried' },
  }
}

interface Named {
  readonly host: string
  readonly domain: string
  readonly isAddress: boolean
}

// A host name and a domain, or both in one, or an address in the place of a name.
function nameOf(given: GivenEndpoint): Named | { readonly error: string } {
  const hostname = bare(given['Hostname'] ?? '')
  const domain = bare(given['Domain'] ?? '')
  const whole: string = given['FQDN'] ?? ''
  if (isIP(hostname) === 0 && hostname.includes('.'))
    return { error: 'Hostname is not a basename or IP address.' }
  if (hostname === '' && isIP(whole) !== 0) return { host: whole, domain, isAddress: true }
  const [first = '', ...rest] = whole.split('.')
  const host = hostname === '' ? bare(first) : hostname
  const isFirst = host === bare(first)
  return {
    host,
    domain: domain === '' && isFirst ? bare(rest.join('.')) : domain,
    isAddress: isIP(host) !== 0,
  }
}

function addressOf(
  given: string,
  host: string,
  isAddress: boolean,
): string | { readonly error: string } {
  if (given === '') return isAddress ? host : ''
  if (isIP(given) === 0) return { error: `IPAddress is not a valid IP address: '${given}'` }
  return isAddress && given !== host
    ? { error: `hostname IP address conflicts with given IP address: '${host}' != '${given}'` }
    : given
}

function bare(text: string): string {
  return text.replace(/^[./ ]+|[./ ]+$/g, '')
}
