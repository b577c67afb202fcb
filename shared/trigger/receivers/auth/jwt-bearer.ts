import { LandfallError } from '../../../errors.ts';
import { refuseJwt, type TokenPolicy, type VerifyDeps } from '../../jwt/verify-jwt.ts';
import type { Receiver } from '../receiver.ts';
import { bearerTokenOf } from './static-secret.ts';

/** Authenticates by `Authorization: Bearer <JWT>`, and says why it does not: much has to be right at the sender. */
export const jwtBearer =
  (policy: TokenPolicy, deps: VerifyDeps): Receiver['authenticate'] =>
  async (request) => {
    const token = bearerTokenOf(request);
    if (token === undefined) return false;
    const refused = await refuseJwt(token, policy, deps);
    if (refused === undefined) return true;
    throw new LandfallError('WEBHOOK_UNAUTHENTICATED', `came with ${refused}`);
  };
