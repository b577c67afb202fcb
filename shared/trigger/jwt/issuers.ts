import type { Issuer } from './key-source.ts';

/** Google's tokens leave the scheme out as often as not. */
export const GOOGLE: Issuer = {
  url: 'https://accounts.google.com',
  names: ['https://accounts.google.com', 'accounts.google.com'],
  local: false,
};

/**
 * A tenant of Microsoft Entra. Which of the two names its tokens have is a setting of the application they are for;
 * the keys are the same.
 * @see https://learn.microsoft.com/entra/identity-platform/access-tokens#token-formats
 */
export function entraIssuer(tenant: string): Issuer {
  const url = `https://login.microsoftonline.com/${tenant}/v2.0`;
  return { url, names: [url, `https://sts.windows.net/${tenant}/`], local: false };
}
