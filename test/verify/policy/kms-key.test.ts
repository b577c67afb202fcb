import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseKmsKey } from '../../../shared/verify/policy/kms-key.ts';

const ID = '1234abcd-12ab-34cd-56ef-1234567890ab';
const MRK = `mrk-${'0a'.repeat(16)}`;
const ARN = 'arn:aws:kms:eu-central-1:123456789012';

const TAKEN: readonly (readonly [id: string, region: string | undefined])[] = [
  [ID, undefined],
  [MRK, undefined],
  ['alias/release', undefined],
  [`alias/${'a'.repeat(250)}`, undefined],
  [`${ARN}:key/${ID}`, 'eu-central-1'],
  [`${ARN}:key/${MRK}`, 'eu-central-1'],
  [`${ARN}:alias/team/release`, 'eu-central-1'],
  [`arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/${ID}`, 'us-gov-west-1'],
  [`arn:aws-iso-b:kms:us-isob-east-1:123456789012:key/${ID}`, 'us-isob-east-1'],
];
for (const [id, region] of TAKEN)
  test(`awskms:///${id.slice(0, 60)} is a key of ${region ?? 'the region that asks'}`, () => {
    assert.deepEqual(parseKmsKey(`awskms:///${id}`), { uri: `awskms:///${id}`, id, region });
  });

const REFUSED: readonly (readonly [uri: string, why: RegExp])[] = [
  [`gcpkms:///${ID}`, /does not begin with awskms/],
  [` awskms:///${ID}`, /does not begin with awskms/],
  [`awskms://evil.example/${ID}`, /names a host, and AWS alone is asked/],
  [`awskms://${ID}`, /names a host/],
  ['awskms:///', /no id, alias or ARN/],
  [`awskms:///${ID}x`, /no id, alias or ARN/],
  [`awskms:////${ID}`, /no id, alias or ARN/],
  [`awskms:///${ID.toUpperCase()}`, /no id, alias or ARN/],
  ['awskms:///alias/', /no id, alias or ARN/],
  [`awskms:///alias/${'a'.repeat(251)}`, /no id, alias or ARN/],
  ['awskms:///alias/a?b', /no id, alias or ARN/],
  [`awskms:///${ARN}:key/${ID}/x`, /no id, alias or ARN/],
  [`awskms:///x${ARN}:key/${ID}`, /no id, alias or ARN/],
  [`awskms:///arn:aws:kms:eu.evil.example:123456789012:key/${ID}`, /no id, alias or ARN/],
  [`awskms:///arn:aws:s3:eu-central-1:123456789012:key/${ID}`, /no id, alias or ARN/],
];
for (const [uri, why] of REFUSED)
  test(`${uri.slice(0, 80)} is no key of AWS KMS`, () => {
    assert.throws(() => parseKmsKey(uri), { code: 'CONFIG_INVALID', message: why });
  });
