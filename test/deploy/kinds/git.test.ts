import { gitDeploy } from '../../../shared/deploy/git/git-deploy.ts';
import { sendGit } from '../../../shared/deploy/git/git-send.ts';
import { type ContestedSubject, contestedKindSuite } from '../../conformance/contested-kind.ts';
import {
  answeredKindSuite,
  deployKindSuite,
  type OpenKind,
  readingKindSuite,
} from '../../conformance/deploy-kind.ts';
import { gitServerFor, withoutGit } from '../git/git-server.ts';

/** A branch, each request to whose server goes through the gate. */
const openGit: OpenKind<ContestedSubject> = async (t) => {
  const server = await gitServerFor(t);
  let others = 0;
  return {
    kindFor: (gate) =>
      gitDeploy({
        send: (request, options) =>
          gate('deployer', `${request.method} ${request.url.pathname}`, () => sendGit(request, options)),
      }),
    settings: {
      ...{ url: server.url, branch: 'main', plainHttp: true },
      author: { name: 'Landfall', email: 'landfall@example.org' },
    },
    files: (generation) => ({ 'a.txt': String(generation) }),
    reads: 'a.txt',
    current: () => (server.files().includes('a.txt') ? server.read('a.txt') : undefined),
    wanted: ({ generation }) => String(generation),
    // Commits of ours: each counts.
    taken: () => Number(server.git('rev-list', '--count', '--author=Landfall', 'main')),
    silence: () => {
      server.onRequest = () => true;
    },
    others: {
      shows: 'theirs',
      act: () => {
        others += 1;
        server.commit({ 'a.txt': 'theirs', 'others.txt': String(others) });
      },
    },
  };
};

if (withoutGit === false) {
  deployKindSuite('git', openGit);
  answeredKindSuite('git', openGit);
  readingKindSuite('git', openGit);
  contestedKindSuite('git', openGit);
}
