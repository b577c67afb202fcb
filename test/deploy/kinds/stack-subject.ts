import type { CloudFormationServer } from '../../../aws-stand-ins/cloudformation/cloudformation-server.ts';
import { updateByOther } from '../../../aws-stand-ins/cloudformation/stack-life.ts';
import { stackDeploy } from '../../../shared/deploy/stack/stack-deploy.ts';
import type { ContestedSubject } from '../../conformance/contested-kind.ts';
import type { OpenKind } from '../../conformance/deploy-kind.ts';
import { accessAt } from '../../support/deploys/aws-access.ts';
import { gatedAws } from '../../support/deploys/gated-kind.ts';
import { cloudFormationFor } from '../../support/servers/stand-ins.ts';
import { settingsOf, TOPIC, templateOf } from '../stack/stack-world.ts';

const OPERATIONS = ['DescribeStacks', 'CreateChangeSet', 'DescribeChangeSet', 'ExecuteChangeSet'];

const THEIRS = templateOf({ Topic: { ...TOPIC.Topic, Properties: { DisplayName: 'theirs' } } });

interface StackSubject extends ContestedSubject {
  readonly server: CloudFormationServer;
}

/** A stack that is made and changed by its deploys alone. */
export const openStack: OpenKind<StackSubject> = async (t, { clock }) => {
  const server = await cloudFormationFor(t, () => clock.now());
  const template = (generation: number): string =>
    templateOf({ Topic: { ...TOPIC.Topic, Properties: { DisplayName: `generation ${generation}` } } });
  return {
    server,
    kindFor: () => stackDeploy,
    aws: (gate, signal) => gatedAws(accessAt(server.url, clock, { signal }), gate),
    settings: settingsOf(),
    files: (generation) => ({ 'template.json': template(generation) }),
    reads: 'template.json',
    current: () => server.stack('network')?.content?.template,
    wanted: ({ generation }) => template(generation),
    taken: () => server.state.executions.length,
    others: {
      shows: THEIRS,
      act: () => {
        const stack = server.stack('network');
        if (stack === undefined || stack.content === null || stack.status.endsWith('_IN_PROGRESS')) return;
        stack.content = { ...stack.content, template: THEIRS };
        updateByOther(server.state, stack);
      },
    },
    silence: () => {
      for (const operation of OPERATIONS) server.fault({ operation, times: 99, kind: 'stall' });
    },
  };
};
