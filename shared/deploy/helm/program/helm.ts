/** How helm ended. */
export interface HelmEnd {
  /** Null where it was ended. */
  readonly code: number | null;
  readonly stdout: string;
  /** The end of it, without secrets. */
  readonly stderr: string;
  /** It was ended since it took too long. */
  readonly isOverdue: boolean;
}

/** helm, for one visit: with a folder of its own, and one cluster that it can reach. */
export interface Helm {
  /** `v4.1.4`. */
  readonly version: string;
  readonly major: number;
  /** Where a chart and its values may be put for it. */
  readonly folder: string;
  /** @throws LandfallError CANCELLED, DEPLOY_FAILED where it says more than is read */
  run(args: readonly string[]): Promise<HelmEnd>;
}

export interface OpenHelm extends AsyncDisposable {
  readonly helm: Helm;
}
