import * as z from 'zod';
import { FILE_PATH_CHARACTERS, SECRET_FIELD_CHARACTERS } from '../limits.ts';

/** A path of the machine; relative ones start at the folder of the document. */
export const filePath = z.string().min(1).max(FILE_PATH_CHARACTERS);

const LOCATIONS =
  'wanted { env: NAME }, { file: PATH }, { secretsManager: NAME }, { ssm: NAME } or { value: … }';
const variable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,254}$/, { error: 'wanted the name of an environment variable' });
/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html */
const cloudName = z.string().regex(/^[A-Za-z0-9/_+=.@:!-]{1,2048}$/, {
  error: 'wanted the name or ARN of what AWS keeps the secret in',
});
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
        .max(SECRET_FIELD_CHARACTERS)
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
