import type { OidcOptions } from '../../../source/receiver-entry.ts';
import type { Sender } from './sender.ts';

export const oidc = ({ audience, issuer }: OidcOptions): Sender => ({
  how: `after the push: get a token of ${issuer} for the audience ${audience}, and POST {"repository":"…","tag":"…"} with Authorization: Bearer <the token>`,
  sample: 'its requests carry a token that the issuer signs; call the URL from a job that has one',
});
