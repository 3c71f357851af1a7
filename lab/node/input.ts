/** Standard input of a command as it arrives: a command that does not read it to its end need not wait for that end. */
export interface Input {
  push(bytes: Uint8Array): void
  end(): void
  /** Exactly `count` bytes, or fewer where it ended before. */
  take(count: number): Promise<Buffer>
  /** Up to and with the next newline, or what is left at the end. */
  line(): Promise<Buffer>
  all(): Promise<Buffer>
}

/** An input that is fed later. */
export function newInput(): Input {
  let held: Buffer[] = []
  let size = 0
  let ended = false
  let wake: (() => void) | null = null

  function more(): Promise<void> {
    return new Promise((resolve) => {
      wake = resolve
    })
  }
  function notify(): void {
    wake?.()
    wake = null
  }
  function joined(): Buffer {
    const whole = held.length === 1 ? held[0]! : Buffer.concat(held)
    held = [whole]
    return whole
  }
  function cut(count: number): Buffer {
    const whole = joined()
    const taken = whole.subarray(0, count)
    held = count < whole.length ? [whole.subarray(count)] : []
    size -= taken.length
    return taken
  }

  return {
    push(bytes) {
      held.push(Buffer.from(bytes))
      size += bytes.length
      notify()
    },
    end() {
      ended = true
      notify()
    },
    async take(count) {
      while (size < count && !ended) await more()
      return cut(Math.min(count, size))
    },
    async line() {
      for (;;) {
        const at = size > 0 ? joined().indexOf(10) : -1
        if (at >= 0) return cut(at + 1)
        if (ended) return cut(size)
        await more()
      }
    },
    async all() {
      while (!ended) await more()
      return cut(size)
    },
  }
}

/** An input that holds these bytes and has ended. */
export function inputOf(bytes: Uint8Array | string): Input {
  const input = newInput()
  if (bytes.length > 0) input.push(typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
  input.end()
  return input
}
