import type { DeployDeps } from '../../../shared/deploy/visit/deploy-request.ts';
import { filesPrefix } from '../../../shared/store/layout.ts';
import { contestedKindSuite, shortVisitsSuite } from '../../conformance/contested-kind.ts';
import { answeredKindSuite, deployKindSuite, readingKindSuite } from '../../conformance/deploy-kind.ts';
import { openFunction } from './function-subject.ts';

const shift = [
  { weight: 10, for: '1m' },
  { weight: 50, for: '2m' },
];

const inBucket: DeployDeps['locationOf'] = (id) => ({
  in: 'bucket',
  bucket: 'landfall-store',
  prefix: filesPrefix(id),
});

deployKindSuite('function', openFunction());
deployKindSuite('function by steps', openFunction({ shift }));
answeredKindSuite('function', openFunction());
contestedKindSuite('function', openFunction());
contestedKindSuite('function by steps', openFunction({ shift }));
shortVisitsSuite('function by steps', openFunction({ shift }));
readingKindSuite('function', openFunction());
readingKindSuite('function whose zip Lambda reads', openFunction({}, inBucket));
