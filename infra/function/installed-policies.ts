import { POLICIES_VARIABLE } from '../../functions/lambda/installed-policies.ts';
import { LandfallError } from '../../shared/errors.ts';
import { LAMBDA_VARIABLE_CHARACTERS } from '../../shared/limits.ts';
import { parsePolicies } from '../../shared/source/policy-document.ts';
import { filesOfPolicy } from '../../shared/verify/policy/policy.ts';
import type { LandfallProps } from '../landfall-props.ts';

/**
 * What reconcile is told of what every source has to meet.
 * @throws LandfallError CONFIG_INVALID with what is wrong with them, or where it is more than a function can be told
 */
export function policiesOfInstallation({
  policies,
}: Pick<LandfallProps, 'policies'>): Readonly<Record<string, string>> {
  if (policies === undefined) return {};
  const text = JSON.stringify({ policies });
  const file = 'policies of the construct';
  const files = parsePolicies([{ file, text }]).flatMap(({ verify }) => filesOfPolicy(verify));
  if (files.length > 0)
    throw new LandfallError(
      'CONFIG_INVALID',
      `${file}: ${files.join(', ')}: a function has no files of yours`,
      {
        hint: 'Write the text of the file in its place: { pem: TEXT }.',
      },
    );
  if (text.length > LAMBDA_VARIABLE_CHARACTERS)
    throw new LandfallError(
      'CONFIG_INVALID',
      `${file}: ${text.length} characters, and a function is told ${LAMBDA_VARIABLE_CHARACTERS}`,
      {
        hint: 'Give fewer and shorter ones: identities take less than keys, and one policy serves many repositories.',
      },
    );
  return { [POLICIES_VARIABLE]: text };
}
