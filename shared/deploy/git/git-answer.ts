import { knownSecrets } from '../../credentials/known-secrets.ts';
import { GIT_ANSWER_BYTES, GIT_PACKETS, GIT_REMOTE_CHARACTERS, MiB } from '../../limits.ts';
import { printableLine } from '../../printable.ts';
import { deployFailed, deployUnavailable } from '../kit/failures.ts';
import { packFault } from './git-pack.ts';
import { bandOf, fatalOf, packetsOf, saidBeside } from './git-packets.ts';
import type { GitAnswer } from './git-send.ts';

/** Text of the other side, as it may stand in a log or an error. */
export const told = (text: string): string =>
  printableLine(knownSecrets.mask(text.trim()).slice(0, GIT_REMOTE_CHARACTERS));

/** Who asked, and with what. */
export interface AskedGit {
  readonly deploy: string;
  /** `Authorization`, where there is a credential. */
  readonly authorization?: string | undefined;
}

const isTransient = (status: number): boolean => [408, 425, 429].includes(status) || status >= 500;

const CREDENTIAL =
  'Give it as `username` and `password` a token that may read and write the repository; then: landfall replay SOURCE --deploy NAME';

/** @throws LandfallError unless the answer is 200 */
export function checkStatus(
  { status, headers, body }: GitAnswer,
  { deploy, authorization }: AskedGit,
  url: URL,
): void {
  if (status === 200) return;
  const at = `deploy ${deploy}: ${url.origin}${url.pathname}`;
  const said = told(
    headers['content-type']?.startsWith('text/plain') ? Buffer.from(body).toString('utf8') : '',
  );
  const why = said === '' ? '' : `; it said: ${said}`;
  if (status === 401 || status === 403) {
    const how = authorization === undefined ? 'without a credential' : 'with the credential it was given';
    throw deployFailed(`${at} answered ${status} ${how}${why}`, { hint: CREDENTIAL });
  }
  if (status === 404)
    throw deployFailed(
      `${at} answered 404: no repository is there, or none that the credential may see${why}`,
      {
        hint: `Check url. ${CREDENTIAL}`,
      },
    );
  if (status >= 300 && status < 400) {
    const to = URL.parse(headers['location'] ?? '', url.href);
    const where = to === null ? '' : `, to ${told(`${to.origin}${to.pathname}`)}`;
    throw deployFailed(`${at} answered ${status}${where}: no redirect is followed`, {
      hint: 'Write the address that it is at now into url.',
    });
  }
  const message = `${at} answered ${status}, wanted 200${why}`;
  throw isTransient(status)
    ? deployUnavailable(message, { hint: 'It is tried again by itself.' })
    : deployFailed(message, { hint: 'Check url, and that it is a repository over smart HTTP.' });
}

const PACKED = 'application/x-git-upload-pack-result';

/** What is answered to a request, as Git itself holds it. @see https://git-scm.com/docs/gitprotocol-http */
function wantedType({ pathname, searchParams }: URL): string {
  const service = searchParams.get('service');
  return service === null
    ? `application/x-${pathname.slice(pathname.lastIndexOf('/') + 1)}-result`
    : `application/x-${service}-advertisement`;
}

const AGAIN = 'It is tried again by itself.';
const OWN = 'Deploy into a repository of its own: one with the files of deploys alone.';

const CAPABILITIES = 2048;

/** @throws LandfallError where the library cannot speak with it */
function checkAdvertised(packets: readonly Uint8Array[], at: string): void {
  const isOther = packets.some((packet) =>
    /\bobject-format=sha256\b/.test(Buffer.from(packet.subarray(0, CAPABILITIES)).toString('latin1')),
  );
  if (isOther)
    throw deployFailed(`${at}: the repository has SHA-256 names, wanted SHA-1`, {
      hint: 'Use a repository that was made with --object-format=sha1, as Git does by default.',
    });
}

/** @throws LandfallError where reading it would take more than is bounded, or it is none */
function checkPack(packets: readonly Uint8Array[], at: string): void {
  const pack = bandOf(packets, 'pack');
  // Of a server that has nothing to say but why.
  if (pack.length === 0) return;
  const fault = packFault(pack);
  if (fault === 'large')
    throw deployFailed(`${at} sent a commit of too many files, or too large ones`, { hint: OWN });
  if (fault === 'broken') throw deployUnavailable(`${at} sent a pack that is broken`, { hint: AGAIN });
}

/**
 * Holds an answer to Git's protocol before the library reads it.
 * @returns what the other side said to people beside it
 * @throws LandfallError DEPLOY_FAILED, DEPLOY_UNAVAILABLE where it is none, or too much
 */
export function checkAnswer(answer: GitAnswer, { deploy }: AskedGit, url: URL): string {
  const at = `deploy ${deploy}: ${url.origin}`;
  if (!answer.whole)
    throw deployFailed(`${at} sent more than ${GIT_ANSWER_BYTES / MiB} MiB for one commit of the branch`, {
      hint: OWN,
    });
  const { 'content-type': type = 'no content-type' } = answer.headers;
  const wanted = wantedType(url);
  if (type !== wanted)
    throw deployFailed(
      `${at} answered ${told(type)}, wanted ${wanted} of a repository of Git over smart HTTP`,
      { hint: 'Write the address as `git clone` takes it into url.' },
    );
  const packets = packetsOf(answer.body);
  if (packets === undefined)
    throw deployUnavailable(
      `${at} answered what is not Git's protocol, was cut off, or has more than ${GIT_PACKETS} lines`,
      { hint: AGAIN },
    );
  const fatal = fatalOf(packets);
  if (fatal !== undefined) throw deployUnavailable(`${at} gave up: ${told(fatal)}`, { hint: AGAIN });
  if (type === PACKED) checkPack(packets, at);
  else checkAdvertised(packets, at);
  return saidBeside(packets);
}
