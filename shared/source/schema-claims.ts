import * as z from 'zod';
import { LandfallError } from '../errors.ts';
import { parseGlob } from '../glob/glob.ts';
import { glob, refusedWhen, textFor } from './schema-fields.ts';

/** @see https://openid.net/specs/openid-connect-core-1_0.html#IDToken: https, without query or fragment. */
function parseIssuer(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url?.protocol === 'https:' && url.username === '' && url.search === '' && url.hash === '';
  if (!isPlain)
    throw new LandfallError('CONFIG_INVALID', 'wanted an https URL without user, query or fragment');
}
export const issuer = textFor(parseIssuer);

const pins = (text: string): boolean => parseGlob(text).specificity.literals > 0;

/** Everybody has tokens of a public issuer, for any audience: some claim has to tell one's own from theirs. */
export const claims = z.record(z.string().min(1).max(128), glob).check(
  refusedWhen((globs) =>
    Object.values(globs).some(pins)
      ? undefined
      : {
          message:
            'wanted at least one claim that not everybody’s token matches, such as repository: team/app',
        },
  ),
);
