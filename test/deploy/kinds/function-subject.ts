import type { LambdaServer } from '../../../aws-stand-ins/lambda/lambda-server.ts';
import {
  isUpdating,
  makeFunction,
  publishVersion,
  zipCode,
} from '../../../aws-stand-ins/lambda/lambda-state.ts';
import { functionDeploy } from '../../../shared/deploy/function/function-deploy.ts';
import { functionSettings } from '../../../shared/deploy/function/function-settings.ts';
import type { DeployDeps } from '../../../shared/deploy/visit/deploy-request.ts';
import type { ContestedSubject } from '../../conformance/contested-kind.ts';
import type { OpenKind } from '../../conformance/deploy-kind.ts';
import { ACCOUNT, REGION } from '../../support/aws-server/aws-client-for.ts';
import { accessAt } from '../../support/deploys/aws-access.ts';
import { gatedAws } from '../../support/deploys/gated-kind.ts';
import { lambdaServerFor } from '../../support/servers/stand-ins.ts';

const OPERATIONS = ['GetFunction', 'UpdateFunctionCode', 'PublishVersion', 'GetAlias', 'UpdateAlias'];

const zipOf = (generation: number): string => `zip of ${generation}`;

interface FunctionSubject extends ContestedSubject {
  readonly server: LambdaServer;
}

/** A function `web` whose alias `live` is at a version of before. */
export const openFunction =
  (settings: object = {}, locationOf?: DeployDeps['locationOf']): OpenKind<FunctionSubject> =>
  async (t, { clock, store }) => {
    const server = await lambdaServerFor(t, () => clock.now());
    const { state } = server;
    const made = makeFunction(state, 'web', zipCode(Buffer.from('old zip')));
    publishVersion(state, made);
    made.aliases.set('live', { version: '1', weights: {}, revision: 1 });
    const callers = () => {
      const alias = made.aliases.get('live');
      return alias && made.versions[Number(alias.version) - 1]?.code.sha256;
    };
    // What Lambda reads in S3 is what the store has at that moment.
    const mirror = async (): Promise<void> => {
      for await (const key of store.objects.list('artifacts/'))
        state.objects.set(`landfall-store/${key}`, (await store.objects.get(key))?.bytes ?? Buffer.alloc(0));
    };
    return {
      server,
      kindFor: () => functionDeploy,
      aws: (gate, signal) =>
        gatedAws(accessAt(server.url, clock, { signal }), async (port, what, effect) => {
          await mirror();
          return gate(port, what, effect);
        }),
      settings: functionSettings.parse({ function: 'web', zip: 'app.zip', alias: 'live', ...settings }),
      ...(locationOf !== undefined && { locationOf, origin: { account: ACCOUNT, region: REGION } }),
      files: (generation) => ({ 'app.zip': zipOf(generation) }),
      reads: 'app.zip',
      current: callers,
      wanted: ({ generation }) => zipCode(Buffer.from(zipOf(generation))).sha256,
      taken: () => state.uploads.length + made.versions.length + state.moves.length,
      others: {
        shows: zipCode(Buffer.from('theirs')).sha256,
        act: () => {
          if (isUpdating(state, made)) return;
          made.code = zipCode(Buffer.from('theirs'));
          made.revision += 1;
          const { version } = publishVersion(state, made);
          const { revision = 0 } = made.aliases.get('live') ?? {};
          made.aliases.set('live', { version, weights: {}, revision: revision + 1 });
        },
      },
      silence: () => {
        for (const operation of OPERATIONS) server.fault({ operation, times: 99, kind: 'stall' });
      },
    };
  };
