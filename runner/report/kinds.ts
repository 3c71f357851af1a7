/** A text in which the host that it is about has no name, so that what differs in nothing else is the same. */
export function anyHost(text: string, host: string): string {
  if (!text.includes(host)) return text
  return text.replace(
    new RegExp(`(?<![\\w.-])${host.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-])`, 'g'),
    () => '<host>',
  )
}

// Each repetition is bounded: a host may answer with any text.
const login = /[\w.-]{1,64}@(?:\[[0-9a-f:.]{2,45}\]|[\w.-]{1,255})(?::\d{1,5})?/gi
const bare =
  /(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f]{0,4}:[0-9a-f:.]{1,40}\])(?::\d{1,5})?(?![\w.]\d)/gi

/** A text in which addresses have no user, number and port: hosts that fail in one way are one kind, wherever they are. */
export function anyAddress(text: string): string {
  return text.replace(login, '<address>').replace(bare, '<address>')
}
