import * as z from 'zod';
import {
  type DurationBounds,
  INTERVAL_BOUNDS,
  LONG_TIMEOUT_BOUNDS,
  parseBoundedDuration,
  QUIET_BOUNDS,
  TIMEOUT_BOUNDS,
  WINDOW_BOUNDS,
} from '../../duration.ts';
import { asLandfallError, type ErrorCode, LandfallError } from '../../errors.ts';
import { parseGlob } from '../../glob/glob.ts';
import { NEXT_STEPS } from '../../next-steps.ts';
import { parseRepository } from '../../oci/reference.ts';
import { parseRegistryName } from '../../oci/registry-name.ts';

/** What is refused, in the words the user reads. */
export interface Refusal {
  readonly message: string;
  readonly code?: ErrorCode;
}

/** Refuses a value with a reason; `undefined` accepts it. Its message is shown as it is. */
export const refusedWhen =
  <T>(refusal: (value: T) => Refusal | undefined) =>
  (context: z.core.ParsePayload<T>): void => {
    const refused = refusal(context.value);
    if (refused === undefined) return;
    const { message, code = 'CONFIG_INVALID' } = refused;
    context.issues.push({ code: 'custom', message, params: { code }, input: context.value });
  };

/** What `parse` holds against a text, with its advice. */
export function refusalOf(parse: () => unknown): Refusal | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    const { code, message, hint } = asLandfallError(error);
    // What the code alone advises is advice for a whole document, and stands under all of its problems.
    const isSpecific = hint !== undefined && hint !== NEXT_STEPS[code];
    return { message: isSpecific ? `${message}. ${hint}` : message };
  }
}

/** A string that `parse` accepts; what it throws becomes the problem. */
export const textFor = (parse: (text: string) => unknown) =>
  z.string().check(refusedWhen((text) => refusalOf(() => parse(text))));

export const wanted = (text: string) => ({ error: `wanted ${text}` });

const isRepositoryPrefix = (text: string): boolean =>
  refusalOf(() => parseRepository(`oci://any.example/${text}`)) === undefined;
const PREFIX = wanted('the first components of a repository in lower case, e.g. docker-local');

/** The first components of a repository, or all of them. */
export const repositoryPrefix = z.string().refine(isRepositoryPrefix, PREFIX);
export const repositoryPrefixOrNone = z
  .string()
  .refine((text) => text === '' || isRepositoryPrefix(text), PREFIX);

export const name = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    wanted('1 to 63 of a-z, 0-9 and "-", beginning and ending in a letter or digit'),
  );

const durationWithin = (bounds: DurationBounds) => textFor((text) => parseBoundedDuration(text, bounds));
export const interval = durationWithin(INTERVAL_BOUNDS);
export const timeout = durationWithin(TIMEOUT_BOUNDS);
export const longTimeout = durationWithin(LONG_TIMEOUT_BOUNDS);
export const windowLength = durationWithin(WINDOW_BOUNDS);
export const quiet = durationWithin(QUIET_BOUNDS);

export const glob = textFor(parseGlob);
function parseRegistry(text: string): void {
  const refused = (why: string) => new LandfallError('CONFIG_INVALID', why);
  if (text.includes('@')) throw refused('registry carries a user or password; write a host and its port');
  if (text.includes('/')) throw refused('wanted a host and its port, without scheme or path');
  parseRegistryName(text);
}
export const registry = textFor(parseRegistry);
