import type { Status } from '../shared/model/status.ts';
import { signerName } from '../shared/model/verification.ts';

/** Who signed what is current, and what of it is not as its policies want it now. */
export function verifiedLines({
  current,
  policy = null,
}: Pick<Status, 'current' | 'policy'>): readonly string[] {
  const { policy: by, signatures = [], tolerated = [] } = current?.verification ?? {};
  return [
    ...signatures.map(
      ({ signer, signedAt }) => `signed by ${signerName(signer)}${signedAt === null ? '' : `, ${signedAt}`}`,
    ),
    ...tolerated.map((check) => `tolerated: ${check}`),
    ...(policy !== null && by !== policy
      ? ['not verified under the policy it has now: no deploy begins with it']
      : []),
  ];
}
