import * as z from 'zod';
import { LandfallError } from '../../errors.ts';
import { parseGlob } from '../../glob/glob.ts';
import { CLAIM_CHARACTERS } from '../../limits.ts';
import { glob, refusedWhen, textFor } from './schema-fields.ts';

/** @see https://openid.net/specs/openid-connect-core-1_0.html#IDToken: https, without query or fragment. */
function parseIssuer(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain =
    url?.protocol === 'https:' && url.username + url.password === '' && url.search === '' && url.hash === '';
  if (!isPlain)
    throw new LandfallError('CONFIG_INVALID', 'wanted an https URL without user, query or fragment');
}
export const issuer = textFor(parseIssuer);

/** What every token has, and what whoever starts a job of GitHub Actions or GitLab CI may choose. None says who it is. */
const OF_ANYBODY: ReadonlySet<string> = new Set([
  ...['iss', 'aud', 'exp', 'nbf', 'iat', 'jti'],
  ...[
    'ref',
    'ref_type',
    'ref_path',
    'ref_protected',
    'head_ref',
    'base_ref',
    'sha',
    'workflow',
    'event_name',
  ],
  ...['environment', 'deployment_tier', 'pipeline_source', 'runner_environment'],
  ...['repository_visibility', 'project_visibility'],
]);

/** What a stranger's token says of them, at issuers that everybody may use. */
const STRANGER = [
  ...['stranger', 'stranger/stranger', 'stranger/stranger/.github/workflows/a.yml@refs/heads/main'],
  ...['ref:refs/heads/main', 'ref:refs/tags/v1', 'environment:production', 'pull_request'].map(
    (rest) => `repo:stranger/stranger:${rest}`,
  ),
  ...['branch:ref:main', 'tag:ref:v1'].map((rest) => `project_path:stranger/stranger:ref_type:${rest}`),
];

function pins([name, text]: readonly [name: string, glob: string]): boolean {
  const { specificity, matches } = parseGlob(text);
  return specificity.literals > 0 && !OF_ANYBODY.has(name) && !STRANGER.some(matches);
}

/** Everybody has tokens of a public issuer, for any audience: some claim has to tell one's own from theirs. */
export const claims = z.record(z.string().min(1).max(CLAIM_CHARACTERS), glob).check(
  refusedWhen((globs) =>
    Object.entries(globs).some(pins)
      ? undefined
      : {
          message:
            'wanted at least one claim that not everybody’s token matches, such as repository: team/app',
        },
  ),
);
