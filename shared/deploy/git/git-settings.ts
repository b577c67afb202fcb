import * as z from 'zod/mini';
import { secret, secretOrText } from '../../credentials/secret-schema.ts';
import { COMMIT_MESSAGE_CHARACTERS } from '../../limits.ts';
import { PLACEHOLDERS, unknownPlaceholder } from './commit-message.ts';
import { isRepositoryPath } from './repository-path.ts';

const SCP = /^[^/@:]+@[^/@:]+:/;

/** What is wrong with the address of a repository; undefined: nothing. */
function addressFault(text: string): string | undefined {
  if (SCP.test(text) || /^(?:git\+)?ssh:/i.test(text))
    return 'ssh is not spoken: wanted https://HOST/REPOSITORY, with a token as `password`';
  const url = /[\s\p{C}]/u.test(text) ? null : URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return 'wanted https://HOST/REPOSITORY';
  if (url.username !== '' || url.password !== '')
    return 'url carries a user or password; put them under `username` and `password`';
  if (url.search !== '' || url.hash !== '') return 'wanted no query and no fragment';
  return undefined;
}

/** @see https://git-scm.com/docs/git-check-ref-format */
const BRANCH = /^(?![-/.])(?!.*(?:\.\.|\/\/|\/\.|@\{|\.lock(?:\/|$)))[^\s~^:?*[\\\p{C}]{1,200}(?<![/.])$/u;

/** A person in a commit: no character that ends one in Git's own form. */
const NAME = /^[^<>\p{C}]{1,200}$/u;
const EMAIL = /^[^<>\s\p{C}]{1,200}$/u;

const branchName = z.string().check(
  z.regex(BRANCH, 'not the name of a branch'),
  z.refine((name) => name !== '@' && name !== 'HEAD'),
);

/** What a deploy into a Git repository is told in its document. */
export const gitSettings = z.object({
  url: z.string().check(
    z.refine((text) => addressFault(text) === undefined, {
      error: ({ input }) => addressFault(String(input)),
    }),
    z.meta({ description: 'The repository, as it is cloned over https' }),
  ),
  branch: branchName.check(z.meta({ description: 'The branch that is committed to' })),
  /** The branch is made of the repository's default branch where it is not there. */
  create: z._default(z.boolean(), false),
  to: z.optional(
    z
      .string()
      .check(
        z.refine(
          isRepositoryPath,
          'wanted a folder of the repository such as apps/web, without .., .git and / at its ends',
        ),
        z.meta({ description: 'The folder of the repository; default: its root' }),
      ),
  ),
  author: z.strictObject({
    name: z.string().check(z.regex(NAME, 'not a name: no <, > and control characters')),
    email: z.string().check(z.regex(EMAIL, 'not an address of mail')),
  }),
  signOff: z
    ._default(z.boolean(), true)
    .check(z.meta({ description: 'Ends the message with Signed-off-by' })),
  message: z.optional(
    z.string().check(
      z.minLength(1),
      z.maxLength(COMMIT_MESSAGE_CHARACTERS),
      z.refine((text) => unknownPlaceholder(text) === undefined, {
        error: ({ input }) =>
          `${unknownPlaceholder(String(input))} names nothing; there are ${PLACEHOLDERS.join(', ')}`,
      }),
      z.meta({ description: 'The message of the commit, with {{source}} and the like' }),
    ),
  ),
  username: z.optional(secretOrText),
  password: z.optional(secret),
  plainHttp: z
    ._default(z.boolean(), false)
    .check(z.meta({ description: 'One’s own, over HTTP, on any address' })),
  local: z
    ._default(z.boolean(), false)
    .check(z.meta({ description: 'It is one’s own: it may be on a private or loopback address' })),
});

export type GitSettings = z.infer<typeof gitSettings>;

type Place = GitSettings['username'];

const locatedIn = <P extends Place>(place: P, from: (path: string) => string): P =>
  typeof place === 'object' && 'file' in place ? ({ file: from(place.file) } as P) : place;

export const locateGit = (settings: GitSettings, from: (path: string) => string): GitSettings => ({
  ...settings,
  ...(settings.username !== undefined && { username: locatedIn(settings.username, from) }),
  ...(settings.password !== undefined && { password: locatedIn(settings.password, from) }),
});
