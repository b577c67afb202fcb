import * as z from 'zod';
import { asLandfallError, type ErrorCode, LandfallError } from '../../errors.ts';
import { parseGlob } from '../../glob/glob.ts';
import { NEXT_STEPS } from '../../next-steps.ts';
import { parseRepository } from '../../oci/reference.ts';
import { parseRegistryName } from '../../oci/registry-name.ts';
import { type DurationBounds, INTERVAL_BOUNDS, parseBoundedDuration, TIMEOUT_BOUNDS } from '../duration.ts';

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

export const glob = textFor(parseGlob);
function parseRegistry(text: string): void {
  const refused = (why: string) => new LandfallError('CONFIG_INVALID', why);
  if (text.includes('@')) throw refused('registry carries a user or password; write a host and its port');
  if (text.includes('/')) throw refused('wanted a host and its port, without scheme or path');
  parseRegistryName(text);
}
export const registry = textFor(parseRegistry);

/** A path of the machine; relative ones start at the folder of the document. */
export const filePath = z.string().min(1).max(4096);

const LOCATIONS =
  'wanted { env: NAME }, { file: PATH }, { secretsManager: NAME }, { ssm: NAME } or { value: … }';
const variable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,254}$/, wanted('the name of an environment variable'));
/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html */
const cloudName = z
  .string()
  .regex(/^[A-Za-z0-9/_+=.@:!-]{1,2048}$/, wanted('the name or ARN of what AWS keeps the secret in'));
export const secret = z.union(
  [
    z.strictObject({ env: variable }),
    z.strictObject({ file: filePath }),
    z.strictObject({ value: z.string().min(1) }),
    z.strictObject({
      secretsManager: cloudName.meta({ description: 'Name or ARN of a secret of AWS Secrets Manager' }),
      key: z
        .string()
        .min(1)
        .max(255)
        .exactOptional()
        .meta({ description: 'One field of a secret that is JSON' }),
    }),
    z.strictObject({
      ssm: cloudName.meta({ description: 'Name or ARN of a parameter of AWS Systems Manager' }),
    }),
  ],
  { error: LOCATIONS },
);
/** A file, or where its text is kept. */
export const pathOrSecret = z.union([filePath, ...secret.options], {
  error: `wanted a path, ${LOCATIONS.slice('wanted '.length)}`,
});
export const secretOrText = z.union([z.string().min(1), ...secret.options], {
  error: `${LOCATIONS}, or a string`,
});
