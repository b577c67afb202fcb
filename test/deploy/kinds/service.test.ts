import { answeredKindSuite, deployKindSuite } from '../../conformance/deploy-kind.ts';
import { openService } from './service-subject.ts';

deployKindSuite('service', openService);
answeredKindSuite('service', openService);
