/** The param of a file that is kept when another takes its place. */
export const backupParam = {
  type: 'string',
  format: 'line',
  pattern: '^[^/]+$',
  hint: '`backup` is the name that the old file is kept under, beside it: write one, as in `backup: motd.old`',
  description: 'Keep what is replaced beside it, under this name.',
} as const
