const inventory =
  'the inventory says how a host is reached: `user:`, `key_files:`, `password_file:`'

/** Options of ansible-playbook that are spelled otherwise here. */
const flags: Readonly<Record<string, string>> = {
  '--book': '--playbook (or -b)',
  '--check': '`trueup plan PLAYBOOK` says what would change',
  '-C': '`trueup plan PLAYBOOK` says what would change',
  '--dry-run': '`trueup plan PLAYBOOK` says what would change',
  '--syntax-check': '`trueup validate PLAYBOOK`',
  '--become': 'write `become: true` on the play or the task',
  '-b': 'write `become: true` on the play or the task',
  '--become-user': 'write `become_user:` on the play or the task',
  '--user': inventory,
  '-u': inventory,
  '--private-key': inventory,
  '--key-file': inventory,
  '--ask-pass': inventory,
  '-k': inventory,
  '--start-at-task': '--start-at',
  '--list-tags': '`--list-tasks` shows the tags too',
  '--flush-cache': '--refresh-inventory',
  '--vault-password-file': 'TRUEUP_VAULT_PASSWORD_FILE=FILE trueup … -e @VAULT.yaml',
  '--ask-vault-pass': 'TRUEUP_VAULT_PASSWORD_FILE=FILE trueup … -e @VAULT.yaml',
}

/** What to type in the place of words that the command line does not know; null where nothing is known. */
export function wordsMeant(said: string): string | null {
  const [, kind, word] = /unknown (option|command) '([^'=]+)/.exec(said) ?? []
  if (word === undefined) return null
  if (kind === 'option') return Object.hasOwn(flags, word) ? flags[word]! : null
  if (word === 'book') return 'trueup new playbook NAME: the file is called a playbook'
  return /\.ya?ml$/.test(word) ? `trueup run ${word}` : null
}
