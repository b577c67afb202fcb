import { stackDeploy } from '../../../shared/deploy/stack/stack-deploy.ts';
import {
  answeredKindSuite,
  deployKindSuite,
  type OpenKind,
  readingKindSuite,
} from '../../conformance/deploy-kind.ts';
import { accessAt } from '../../support/aws-access.ts';
import { cloudFormationFor } from '../../support/cloudformation-server/cloudformation-server.ts';
import { gatedAws } from '../../support/gated-kind.ts';
import { settingsOf, TOPIC, templateOf } from '../stack/stack-world.ts';

const OPERATIONS = ['DescribeStacks', 'CreateChangeSet', 'DescribeChangeSet', 'ExecuteChangeSet'];

const openStack: OpenKind = async (t, { clock }) => {
  const server = await cloudFormationFor(t, () => clock.now());
  const template = (generation: number): string =>
    templateOf(TOPIC, { Description: `generation ${generation}` });
  return {
    kindFor: () => stackDeploy,
    aws: (gate, signal) => gatedAws(accessAt(server.url, clock, { signal }), gate),
    settings: settingsOf(),
    files: (generation) => ({ 'template.json': template(generation) }),
    reads: 'template.json',
    current: () => server.stack('network')?.content?.template,
    wanted: ({ generation }) => template(generation),
    taken: () => server.state.executions.length,
    silence: () => {
      for (const operation of OPERATIONS) server.fault({ operation, times: 99, kind: 'stall' });
    },
  };
};

deployKindSuite('stack', openStack);
answeredKindSuite('stack', openStack);
readingKindSuite('stack', openStack);
