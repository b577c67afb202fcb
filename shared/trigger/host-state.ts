import type { LandfallError } from '../errors.ts';
import { ReadyLanes } from './ready-lanes.ts';

/** What is told of a host when it falls silent, and when it answers again: each once. */
export type HostFact =
  | { readonly host: string; readonly is: 'silent'; readonly error: LandfallError; readonly waiting: number }
  | { readonly host: string; readonly is: 'back' };

/** One host: who wants to ask it, who does, and whether it answers. */
export interface HostState {
  /** Undefined: of what is asked of no host, or of one that is not known. */
  readonly name: string | undefined;
  readonly ready: ReadyLanes;
  /** Reconciles that ask it now, with a slot or without. */
  underWay: number;
  /** Before its first answer a host is `unknown`; one from which none came is `silent`. */
  is: 'unknown' | 'answers' | 'silent';
  /** Counts its signs of life. */
  beats: number;
  /** What the last reconcile of a silent host failed with. */
  known: LandfallError | undefined;
  /** How many of those that are ready waited for that reconcile, and fail with the same. */
  toFail: number;
  /** Of those, how many fail just now. */
  failing: number;
  isLogged: boolean;
}

export const newHost = (name: string | undefined): HostState => ({
  name,
  ready: new ReadyLanes(),
  underWay: 0,
  is: name === undefined ? 'answers' : 'unknown',
  beats: 0,
  known: undefined,
  toFail: 0,
  failing: 0,
  isLogged: false,
});
