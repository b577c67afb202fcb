import { contestedKindSuite, shortVisitsSuite } from '../../conformance/contested-kind.ts';
import { answeredKindSuite, deployKindSuite, readingKindSuite } from '../../conformance/deploy-kind.ts';
import { openHelmKind } from './helm-subject.ts';

deployKindSuite('helm', openHelmKind);
answeredKindSuite('helm', openHelmKind);
readingKindSuite('helm', openHelmKind);
contestedKindSuite('helm', openHelmKind);
shortVisitsSuite('helm', openHelmKind);
