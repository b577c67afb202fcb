import { isLandfallError } from '../../errors.ts';
import type { AwsAccess } from '../kit/aws-access.ts';
import { awsCode } from '../kit/failures.ts';

type Access = Pick<AwsAccess, 'settings' | 'call'>;

const DENIED: ReadonlySet<string> = new Set(['AccessDenied', 'AccessDeniedException']);

/**
 * Access that is denied counts as passing, as it does for a site's bucket: a policy takes a while to be in force, and
 * somebody corrects one sooner than they look for a deploy to run again.
 */
export const targetAccess = ({ settings, call }: Access): Access => ({
  settings,
  call: async (what, send) => {
    try {
      return await call(what, send);
    } catch (error) {
      if (!isLandfallError(error) || !DENIED.has(awsCode(error) ?? '')) throw error;
      throw error.with({ code: 'DEPLOY_UNAVAILABLE' });
    }
  },
});
