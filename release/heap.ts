/** How bin/landfall starts Node, which says why. */
export const HEAP: readonly string[] = [
  '--max-semi-space-size=2',
  '--initial-old-space-size=64',
  '--heap-growing-percent=100',
];
