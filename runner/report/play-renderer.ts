import { Listr, type ListrRenderer } from 'listr2'

/** How often what is under way is drawn, in milliseconds. */
const beat = 100

/** What the renderer asks: the lines of the tasks that are not over, by their places in the play. */
export interface Canvas {
  /** Draws what is under way, and what has settled since the last call. `pending` are places of tasks. */
  draw(pending: readonly number[]): void
}

/** A play on the screen: its tasks are tasks of listr2, each pending until every host is past it. */
export interface PlayOnScreen {
  /** A task is over; with a reason, as a failed one. */
  settle(task: number, failed: string | null): void
  /** The play is over; resolves when nothing is drawn any more. */
  close(): Promise<void>
}

type Tasks = ConstructorParameters<typeof ListrRenderer>[0]

/** Draws a play by the tasks that listr2 says are pending. */
class PlayRenderer implements ListrRenderer {
  // Whether there is a screen was decided before: listr2 does not look again.
  static nonTTY = true
  static rendererOptions: { canvas?: Canvas } = {}
  static rendererTaskOptions = {}
  private timer: NodeJS.Timeout | undefined
  private readonly tasks: Tasks
  private readonly canvas: Canvas | undefined

  constructor(tasks: Tasks, { canvas }: { canvas?: Canvas }) {
    this.tasks = tasks
    this.canvas = canvas
  }

  render = (): void => {
    this.timer = setInterval(() => this.draw(), beat)
  }

  end = (): void => {
    clearInterval(this.timer)
    this.draw()
  }

  private draw(): void {
    this.canvas?.draw(this.tasks.flatMap((task, at) => (task.isPending() ? [at] : [])))
  }
}

/** Puts a play on the screen. All of its tasks are open from the beginning: hosts move through them independently. */
export function showPlay(titles: readonly string[], canvas: Canvas): PlayOnScreen {
  const ends = titles.map(() => gate())
  const tasks = titles.map((title, at) => ({
    title,
    task: async () => {
      const failed = await ends[at]!.passed
      if (failed !== null) throw new Error(failed)
    },
  }))
  const listr = new Listr<unknown, typeof PlayRenderer>(tasks, {
    concurrent: true,
    exitOnError: false,
    registerSignalListeners: false,
    renderer: PlayRenderer,
    rendererOptions: { canvas },
  })
  const ended = listr.run()
  return {
    settle: (task, failed) => ends[task]?.open(failed),
    async close() {
      for (const each of ends) each.open(null)
      await ended
    },
  }
}

/** A promise that is kept from outside: the first word counts. */
function gate(): { readonly passed: Promise<string | null>; open(failed: string | null): void } {
  let open!: (failed: string | null) => void
  const passed = new Promise<string | null>((resolve) => (open = resolve))
  return { passed, open: (failed) => open(failed) }
}
