import type { Stack } from 'aws-cdk-lib';
import { POLICIES_VARIABLE } from '../../functions/lambda/installed-policies.ts';
import { LandfallError } from '../../shared/errors.ts';
import { parsePolicies } from '../../shared/source/policy-document.ts';
import { filesOfPolicy, type VerifyPolicy } from '../../shared/verify/policy/policy.ts';
import type { LandfallProps } from '../landfall-props.ts';
import { jsonVariable } from './json-variable.ts';

const PLACE = 'policies of the construct';

const textOf = (policies: NonNullable<LandfallProps['policies']>): string => JSON.stringify({ policies });

/** What every source has to meet. @throws LandfallError CONFIG_INVALID with what is wrong with them */
export const installedPolicies = ({ policies }: Pick<LandfallProps, 'policies'>): readonly VerifyPolicy[] =>
  policies === undefined
    ? []
    : parsePolicies([{ file: PLACE, text: textOf(policies) }]).map(({ verify }) => verify);

/**
 * What reconcile is told of what every source has to meet.
 * @throws LandfallError CONFIG_INVALID with what is wrong with them, or where it is more than a function can be told
 */
export function policiesOfInstallation(
  stack: Stack,
  props: Pick<LandfallProps, 'policies'>,
): Readonly<Record<string, string>> {
  const { policies } = props;
  if (policies === undefined) return {};
  const files = installedPolicies(props).flatMap(filesOfPolicy);
  if (files.length > 0)
    throw new LandfallError(
      'CONFIG_INVALID',
      `${PLACE}: ${files.join(', ')}: a function has no files of yours`,
      {
        hint: 'Write the text of the file in its place: { pem: TEXT }.',
      },
    );
  return jsonVariable(stack, [POLICIES_VARIABLE, { policies }], {
    what: PLACE,
    hint: 'Give fewer and shorter ones: identities take less than keys, and one policy serves many repositories.',
  });
}
