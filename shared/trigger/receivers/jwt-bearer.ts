import { isTokenValid, type TokenPolicy, type VerifyDeps } from '../jwt/verify-jwt.ts';
import type { Receiver } from './receiver.ts';
import { bearerTokenOf } from './static-secret.ts';

/** Authenticates by `Authorization: Bearer <JWT>`. */
export const jwtBearer =
  (policy: TokenPolicy, deps: VerifyDeps): Receiver['authenticate'] =>
  async (request) => {
    const token = bearerTokenOf(request);
    return token !== undefined && (await isTokenValid(token, policy, deps));
  };
