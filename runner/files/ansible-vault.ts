import { createDecipheriv, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto'
import { readText } from './read-file.ts'

/** The text of an encrypted file, or why it was not opened and what to do. */
export type Opened = { readonly text: string } | { readonly wrong: string; readonly hint: string }

const head = '$ANSIBLE_VAULT;'
const iterations = 10_000
const keyBytes = 32

/** Whether a text was encrypted by ansible-vault. */
export function isVault(text: string): boolean {
  return text.startsWith(head)
}

/** Opens a text of ansible-vault with the password in a file: the form 1.1 or 1.2 with AES256, which is all that it has written since 2014. */
export function openVault(text: string, passwordFile: string | undefined): Opened {
  if (passwordFile === undefined || passwordFile === '')
    return {
      wrong: 'it is encrypted by ansible-vault, and no password is named',
      hint: 'write the password into a file that only you may read, and name that: TRUEUP_VAULT_PASSWORD_FILE=FILE trueup …',
    }
  const read = readText(passwordFile, 64 << 10)
  if (!('text' in read))
    return {
      wrong: `the file with the password of the vault, ${passwordFile}, cannot be read: ${read.words}`,
      hint: 'TRUEUP_VAULT_PASSWORD_FILE names it; a program that prints a password is not run',
    }
  if (read.text.startsWith('#!'))
    return {
      wrong: `${passwordFile} is a program, and trueup does not run it`,
      hint: `TRUEUP_VAULT_PASSWORD_FILE=<(${passwordFile}) trueup … reads what it prints`,
    }
  return decrypted(text, read.text.trim())
}

function decrypted(text: string, password: string): Opened {
  const [first = '', ...lines] = text.trim().split(/\r?\n/)
  const [, version, cipher] = first.split(';')
  if (!/^1\.[12]$/.test(version ?? '') || cipher !== 'AES256')
    return {
      wrong: `its first line says ${version ?? 'no version'} and ${cipher ?? 'no cipher'}, and trueup opens 1.1 and 1.2 with AES256`,
      hint: 'encrypt it again: ansible-vault rekey FILE',
    }
  // In hexadecimal digits: three texts, each in hexadecimal digits again.
  const parts = Buffer.from(lines.join('').trim(), 'hex').toString('latin1').split('\n')
  const [salt, mac, secret] = parts.map((part) => Buffer.from(part, 'hex'))
  if (!salt?.length || mac?.length !== keyBytes || !secret?.length)
    return { wrong: 'it is cut off, or was changed', hint: 'take it from its source again' }
  const keys = pbkdf2Sync(password, salt, iterations, 2 * keyBytes + 16, 'sha256')
  const seal = createHmac('sha256', keys.subarray(keyBytes, 2 * keyBytes))
    .update(secret)
    .digest()
  if (!timingSafeEqual(seal, mac))
    return {
      wrong: 'the password of the vault does not open it, or it was changed',
      hint: 'look at the file that TRUEUP_VAULT_PASSWORD_FILE names',
    }
  const cipherOf = createDecipheriv(
    'aes-256-ctr',
    keys.subarray(0, keyBytes),
    keys.subarray(2 * keyBytes),
  )
  const padded = Buffer.concat([cipherOf.update(secret), cipherOf.final()])
  return { text: padded.subarray(0, padded.length - (padded.at(-1) ?? 0)).toString('utf8') }
}
