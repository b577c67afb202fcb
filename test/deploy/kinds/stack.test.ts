import { contestedKindSuite, shortVisitsSuite } from '../../conformance/contested-kind.ts';
import { answeredKindSuite, deployKindSuite, readingKindSuite } from '../../conformance/deploy-kind.ts';
import { openStack } from './stack-subject.ts';

deployKindSuite('stack', openStack);
answeredKindSuite('stack', openStack);
readingKindSuite('stack', openStack);
contestedKindSuite('stack', openStack);
shortVisitsSuite('stack', openStack);
