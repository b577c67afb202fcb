import { contestedKindSuite, shortVisitsSuite } from '../../conformance/contested-kind.ts';
import { answeredKindSuite, deployKindSuite } from '../../conformance/deploy-kind.ts';
import { openService } from './service-subject.ts';

deployKindSuite('service', openService);
answeredKindSuite('service', openService);
contestedKindSuite('service', openService);
shortVisitsSuite('service', openService);
