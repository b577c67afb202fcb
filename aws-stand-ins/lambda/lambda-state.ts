import { createHash } from 'node:crypto';
import { Refusal } from '../refusal.ts';

export interface FakeCode {
  readonly packageType: 'Zip' | 'Image';
  /** Base64 of a zip's sha256; hex of an image's. */
  readonly sha256: string;
  readonly image: string | undefined;
}

export interface FakeVersion {
  readonly version: string;
  readonly code: FakeCode;
  readonly configuration: string;
  /** Until then it is Pending. */
  readonly activeAt: number;
  /** Why it is Failed from then on: a reason code. */
  readonly fault: string | undefined;
}

interface FakeAlias {
  version: string;
  weights: Readonly<Record<string, number>>;
  revision: number;
}

export interface FakeFunction {
  readonly name: string;
  code: FakeCode;
  /** Whatever else a version is made of. */
  configuration: string;
  revision: number;
  /** Until then it is Pending, as one that was just made. */
  activeAt: number;
  /** Until then an update is in progress. */
  updatedAt: number;
  /** How the last update ended, where not well. */
  updateFault: string | undefined;
  readonly versions: FakeVersion[];
  readonly aliases: Map<string, FakeAlias>;
}

export interface LambdaState {
  readonly now: () => number;
  readonly functions: Map<string, FakeFunction>;
  /** Zips in S3, by `bucket/key`. */
  readonly objects: Map<string, Uint8Array>;
  /** By name: `OK`, `ALARM`, `INSUFFICIENT_DATA`. */
  readonly alarms: Map<string, string>;
  /** Milliseconds that an update takes, and that a version takes to be Active (SnapStart). */
  readonly takes: { updateMs: number; activeMs: number };
  /** How the next update ends: a reason code of LastUpdateStatus. */
  nextFault: string | undefined;
  /** How each version that is published ends, where not well: a reason code of State. */
  versionFault: string | undefined;
  /** Beside such a code. */
  faultReason: string | undefined;
  /** Codes that functions were given, in order. */
  readonly uploads: string[];
  /** Where aliases were moved to, in order: `1`, `1+2:0.1`. */
  readonly moves: string[];
}

export const createLambdaState = (now: () => number): LambdaState => ({
  now,
  functions: new Map(),
  objects: new Map(),
  alarms: new Map(),
  takes: { updateMs: 8_000, activeMs: 0 },
  nextFault: undefined,
  versionFault: undefined,
  faultReason: 'as the test has it',
  uploads: [],
  moves: [],
});

export const zipCode = (zip: Uint8Array): FakeCode => ({
  packageType: 'Zip',
  sha256: createHash('sha256').update(zip).digest('base64'),
  image: undefined,
});

export const imageCode = (image: string): FakeCode => ({
  packageType: 'Image',
  sha256: image.split('@sha256:')[1] ?? '',
  image,
});

/** A function that was made some time ago. */
export function makeFunction(state: LambdaState, name: string, code: FakeCode): FakeFunction {
  const made: FakeFunction = {
    ...{ name, code, configuration: 'memory 128', revision: 1, activeAt: 0, updatedAt: 0 },
    ...{ updateFault: undefined, versions: [], aliases: new Map() },
  };
  state.functions.set(name, made);
  return made;
}

/** Same code and configuration as the last: no new one. */
export function publishVersion(state: LambdaState, made: FakeFunction): FakeVersion {
  const last = made.versions.at(-1);
  if (
    last !== undefined &&
    last.code.sha256 === made.code.sha256 &&
    last.configuration === made.configuration
  )
    return last;
  const version: FakeVersion = {
    version: String(made.versions.length + 1),
    code: made.code,
    configuration: made.configuration,
    activeAt: state.now() + state.takes.activeMs,
    fault: state.versionFault,
  };
  made.versions.push(version);
  return version;
}

export const isUpdating = ({ now }: LambdaState, { updatedAt }: FakeFunction): boolean => now() < updatedAt;

export const isPending = ({ now }: LambdaState, { activeAt }: { readonly activeAt: number }): boolean =>
  now() < activeAt;

/** @throws Refusal while an update is in progress, or where somebody was faster */
export function checkWrite(state: LambdaState, made: FakeFunction, revisionId: unknown): void {
  if (revisionId !== undefined && revisionId !== String(made.revision))
    throw new Refusal(
      'PreconditionFailedException',
      'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id',
      412,
    );
  if (isPending(state, made))
    throw new Refusal(
      'ResourceConflictException',
      `The operation cannot be performed at this time. The function is currently in the following state: Pending`,
      409,
    );
  if (isUpdating(state, made))
    throw new Refusal(
      'ResourceConflictException',
      `The operation cannot be performed at this time. An update is in progress for resource: ${made.name}`,
      409,
    );
}
