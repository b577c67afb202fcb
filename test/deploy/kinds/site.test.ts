import { contestedKindSuite } from '../../conformance/contested-kind.ts';
import { answeredKindSuite, deployKindSuite, readingKindSuite } from '../../conformance/deploy-kind.ts';
import { openSite, openSwitchedSite } from './site-subject.ts';

for (const [name, open] of [
  ['site', openSite],
  ['site that is switched', openSwitchedSite],
] as const) {
  deployKindSuite(name, open);
  answeredKindSuite(name, open);
  readingKindSuite(name, open);
  contestedKindSuite(name, open);
}
