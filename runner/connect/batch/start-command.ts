/**
 * How a script reaches a host. The login shell may be csh or fish, or print before it does anything, so the command line
 * is one that all of them read alike: no `!`, no backslash, nothing outside single quotes. The script follows on standard
 * input; `dd` reads exactly its bytes and leaves what comes after (secrets) for the script, where `head -c` of busybox
 * and the buffered `cat` of a shell take more. A script cut short does nothing, being one `{ … }`.
 *
 * A stand-in for a host needs only this of `dd`: with `bs=N count=C iflag=fullblock` it gives N×C bytes of the command's
 * own input; without operands it passes its input on at once (which is how a script says something before its end).
 */
export function reader(bytes: number): string {
  return `PATH=$PATH:/usr/bin:/bin; eval "$(dd bs=${bytes} count=1 iflag=fullblock 2>/dev/null)"`
}

/** The command line that starts a shell as the login user before there is a script for it: a line with its length comes first. */
export const waitingCommand = `exec /bin/sh -c 'PATH=$PATH:/usr/bin:/bin; read n && eval "$(dd bs=$n count=1 iflag=fullblock 2>/dev/null)"'`

/** The command line that runs a script of so many bytes as the login user. */
export function plainCommand(bytes: number): string {
  return `exec /bin/sh -c '${reader(bytes)}'`
}
