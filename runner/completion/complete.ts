import type { Argument, Command, Option } from 'commander'

/** What may be typed at a place: words, and whether the shell adds files or folders of its own. */
export interface Candidates {
  readonly words: readonly Candidate[]
  readonly files: 'none' | 'files' | 'folders'
}

/** A word with what it means. */
export interface Candidate {
  readonly word: string
  readonly about?: string
}

/** What was typed before the word to complete. */
export interface Typed {
  readonly command: Command
  /** The words that belong to arguments, in order. */
  readonly values: readonly string[]
  readonly options: ReadonlyMap<string, readonly string[]>
}

/** Gives the words for the value of an option, or for an argument, by its name; null where nothing is known of it. */
export type ValuesOf = (name: string, typed: Typed, current: string) => Promise<Candidates | null>

const nothing: Candidates = { words: [], files: 'none' }

/** What may stand in the place of `current`, behind the words before it. */
export async function complete(
  program: Command,
  before: readonly string[],
  current: string,
  valuesOf: ValuesOf,
): Promise<Candidates> {
  const { typed, open, isLiteral } = walk(program, before)
  if (open) return valuesOfOption(open, typed, current, valuesOf)
  const glued = /^(--[\w-]+)=(.*)$/s.exec(current)
  const option = glued && !isLiteral ? optionOf(typed.command, glued[1]!) : undefined
  if (option) {
    const { words, files } = await valuesOfOption(option, typed, glued![2]!, valuesOf)
    return { files, words: words.map((each) => ({ ...each, word: `${glued![1]}=${each.word}` })) }
  }
  if (current.startsWith('-') && !isLiteral) return { words: optionWords(typed), files: 'none' }
  const commands = typed.values.length === 0 ? commandWords(typed.command) : []
  const argument = argumentAt(typed)
  const found = argument && (await valuesOf(argument.name(), typed, current))
  const choices = (argument?.argChoices ?? []).map((word) => ({ word }))
  return {
    words: [...commands, ...choices, ...(found?.words ?? [])],
    files: found?.files ?? 'none',
  }
}

interface Walked {
  readonly typed: Typed
  /** The option whose value comes next. */
  readonly open: Option | null
  /** After `--`. */
  readonly isLiteral: boolean
}

function walk(program: Command, before: readonly string[]): Walked {
  let command = program
  const values: string[] = []
  const options = new Map<string, string[]>()
  let open: Option | null = null
  let isLiteral = false
  const add = (option: Option, value: string): void => {
    const name = option.attributeName()
    options.set(name, [...(options.get(name) ?? []), value])
  }
  for (const word of before) {
    if (open) {
      add(open, word)
      open = null
    } else if (isLiteral) values.push(word)
    else if (word === '--') isLiteral = true
    else if (word.startsWith('-')) {
      const [name = '', value] = word.split(/=(.*)/s)
      const option = optionOf(command, name)
      if (option && value !== undefined) add(option, value)
      else if (option?.required) open = option
    } else {
      const next = values.length === 0 ? commandOf(command, word) : undefined
      if (next) command = next
      else values.push(word)
    }
  }
  return { typed: { command, values, options }, open, isLiteral }
}

function commandOf(command: Command, word: string): Command | undefined {
  return command.commands.find((each) => each.name() === word || each.aliases().includes(word))
}

function optionOf(command: Command, name: string): Option | undefined {
  return command.options.find((each) => each.long === name || each.short === name)
}

async function valuesOfOption(
  option: Option,
  typed: Typed,
  current: string,
  valuesOf: ValuesOf,
): Promise<Candidates> {
  if (option.argChoices)
    return { words: option.argChoices.map((word) => ({ word })), files: 'none' }
  return (await valuesOf(option.attributeName(), typed, current)) ?? nothing
}

/** The options that may still be given: those that stand once already are left out. */
function optionWords({ command, options }: Typed): readonly Candidate[] {
  const isRepeated = (option: Option): boolean => option.parseArg !== undefined
  return command.options
    .filter(
      (option) => !option.hidden && (!options.has(option.attributeName()) || isRepeated(option)),
    )
    .map((option) => ({ word: option.long ?? option.short ?? '', about: option.description }))
}

function commandWords(command: Command): readonly Candidate[] {
  return command.commands
    .filter((each) => !(each as { _hidden?: boolean })._hidden)
    .map((each) => ({ word: each.name(), about: each.description() }))
}

function argumentAt({ command, values }: Typed): Argument | undefined {
  const known = command.registeredArguments
  const last = known.at(-1)
  return known[values.length] ?? (last?.variadic ? last : undefined)
}
