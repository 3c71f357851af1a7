/** The kernel's release per service pack. */
export function kernelRelease(servicePack: number): string {
  const releases: Readonly<Record<number, string>> = {
    3: '5.3.18-150300.59.188',
    4: '5.14.21-150400.24.141',
    5: '5.14.21-150500.55.88',
    6: '6.4.0-150600.23.47',
    7: '6.4.0-150700.53.3',
  }
  return `${releases[servicePack] ?? releases[6]!}-default`
}
