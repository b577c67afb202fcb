import { type Stack, Token } from 'aws-cdk-lib';
import { LandfallError } from '../../shared/errors.ts';
import { LAMBDA_VARIABLE_CHARACTERS } from '../../shared/limits.ts';

/**
 * What a function is told as JSON in a variable. A value that is only known once deployed CloudFormation itself counts then.
 * @param said what it is and how to say less of it, for where it is more than a function can be told
 * @throws LandfallError CONFIG_INVALID
 */
export function jsonVariable(
  stack: Stack,
  [name, value]: readonly [name: string, value: unknown],
  { what, hint }: { readonly what: string; readonly hint: string },
): Readonly<Record<string, string>> {
  const text = JSON.stringify(value);
  if (Token.isUnresolved(text)) return { [name]: stack.toJsonString(value) };
  if (text.length <= LAMBDA_VARIABLE_CHARACTERS) return { [name]: text };
  const why = `${what}: ${text.length} characters, and a function is told ${LAMBDA_VARIABLE_CHARACTERS}`;
  throw new LandfallError('CONFIG_INVALID', why, { hint });
}
