import type { Clock } from '../../shared/clock.ts';
import type { Environment } from '../../shared/credentials/secret.ts';
import type { SendDeps } from '../../shared/notify/providers/provider.ts';

/** Publishes to topics of SNS as this machine is known to AWS, which is found out when that is first wanted. */
export function publishAsMachine(deps: {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly env: Environment;
}): SendDeps['publish'] {
  let opened: Promise<SendDeps['publish']> | undefined;
  const open = async (): Promise<SendDeps['publish']> => {
    const [{ findIdentity }, { publishToTopic }] = await Promise.all([
      import('../../shared/aws/sdk/identity.ts'),
      import('../../shared/aws/messages/sns-topic.ts'),
    ]);
    const { credentials } = await findIdentity();
    return publishToTopic({ ...deps, credentials });
  };
  return async (message) => {
    opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return (await opened)(message);
  };
}
